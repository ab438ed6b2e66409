/** Whether an IPv4 range (`10.1.2.0/24`) contains an address. */
export function contains(range: string, address: string): boolean {
    const [first = "", length] = range.split("/");
    const size = 2 ** (32 - Number(length));
    return Math.floor(number(first) / size) === Math.floor(number(address) / size);
}

function number(address: string): number {
    return address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
}
