/** The container engine did not answer, so nothing is known about what exists. */
export class RuntimeSilent extends Error {}
