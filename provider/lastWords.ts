/** Lines of a program's errors that a message quotes. */
const LINES = 12;

/** A step of a Go program's stack trace: a function, and below it where that is. */
const STEP = /^\S+\n\t\S+\.(?:go|s):\d+$/gm;

/** A line by which a Go program only tells how it gets on. */
const PROGRESS = /^I\d{4} \d\d:\d\d:\d\d.*$/gm;

/**
 * The last lines that tell why a program failed. kubeadm, which kind starts, ends with the stack traces of its errors, longer
 * than all that is quoted, and says between them what it was.
 */
export function lastWords(stderr: string): string {
    const words = stderr.replaceAll(STEP, "").replaceAll(PROGRESS, "");
    const lines = (words.trim() === "" ? stderr : words).split("\n");
    return lines
        .filter((line) => line.trim() !== "")
        .slice(-LINES)
        .join("\n");
}
