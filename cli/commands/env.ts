import { claimCheckout } from "../checkout.ts";
import { shellExports } from "../setup/environment.ts";
import { setUp } from "../setup/setup.ts";
import { chooseStack } from "../state/stack.ts";

/** `eval "$(npm run -s env)"`: sets up what is missing; on standard output nothing but lines for the shell. */
export async function env(args: string[], signal: AbortSignal): Promise<number> {
    claimCheckout();
    process.stdout.write(shellExports(await setUp(chooseStack(args), signal)));
    return 0;
}
