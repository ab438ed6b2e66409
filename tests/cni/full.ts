/** A describe that `npm test` leaves out: with MULTINET_QUICK=1 only the quick part is there. */
export function full(title: string, body: (this: Mocha.Suite) => void): void {
    if (process.env["MULTINET_QUICK"] !== "1") {
        describe(title, body);
    }
}
