import tseslint from "typescript-eslint";

/** Fixed values: text, numbers, truth values, regular expressions and lists, `as const` or not. */
const fixed = "/^(Literal|TemplateLiteral|ArrayExpression)$/";
const constants = [`[init.type=${fixed}]`, `[init.expression.type=${fixed}]`].flatMap((value) =>
    ["Program", "ExportNamedDeclaration"].map((parent) => ({
        selector: `${parent} > VariableDeclaration[kind=const] > VariableDeclarator${value} > Identifier.id[name!=/^[A-Z][A-Z0-9_]*$/]`,
        message: "A fixed value of a module is written in UPPER_CASE.",
    })),
);

/** The rooms of the code, each with those that it may import from. */
const rooms = {
    plan: [],
    system: ["plan"],
    provider: ["plan", "system"],
    stack: ["plan", "provider"],
    components: ["plan", "provider", "stack"],
    "source-builds": ["plan", "system", "provider"],
    cli: ["plan", "system", "provider", "source-builds"],
};

/** The one file that other rooms import from a room. */
const borders = { "source-builds": "builder.ts" };

const others = (room, below) =>
    [...Object.keys(rooms), "benchmarks", "tests"].filter(
        (other) => other !== room && !below.includes(other),
    );

export default tseslint.config(
    { ignores: ["node_modules/", ".multinet/", "dist/", "examples/"] },
    {
        files: ["**/*.ts"],
        extends: [tseslint.configs.recommendedTypeChecked],
        languageOptions: { parserOptions: { projectService: true } },
        rules: {
            // An Output in a template literal prints its own description instead of its value.
            "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
            // Methods of an interface are async whether or not one implementation waits for anything.
            "@typescript-eslint/require-await": "off",
            // mocha's describe and it return promises that mocha itself awaits.
            "@typescript-eslint/no-floating-promises": [
                "error",
                { allowForKnownSafeCalls: ["describe", "it"] },
            ],
            "@typescript-eslint/consistent-type-imports": [
                "error",
                { fixStyle: "inline-type-imports" },
            ],
            "@typescript-eslint/no-import-type-side-effects": "error",
            "no-restricted-syntax": [
                "error",
                ...constants,
                {
                    selector: "ClassBody PrivateIdentifier",
                    message: "Members that are not for others are `private`, everywhere.",
                },
            ],
        },
    },
    {
        files: ["**/*.ts", "**/*.js", "**/*.mjs"],
        rules: { curly: ["error", "all"] },
    },
    {
        files: ["**/*.ts", "**/*.mjs"],
        // One list of cases.
        ignores: ["tests/unit/plan/problemCases.ts"],
        rules: { "max-lines": ["error", 300] },
    },
    {
        files: ["**/*.ts", "**/*.mjs"],
        ignores: ["tests/**"],
        rules: { "max-lines-per-function": ["error", 60] },
    },
    ...Object.entries(rooms).map(([room, below]) => ({
        files: [`${room}/**`],
        rules: {
            "no-restricted-imports": [
                "error",
                {
                    patterns: [
                        {
                            regex: `^(\\.\\./)+(${others(room, below).join("|")})/`,
                            message: "Rooms import from those below them only: see docs/design.md.",
                        },
                        ...Object.entries(borders)
                            .filter(([other]) => below.includes(other))
                            .map(([other, border]) => ({
                                regex: `^(\\.\\./)+${other}/(?!${border}$)`,
                                message: `Of ${other} import ${border} only.`,
                            })),
                        ...(room === "plan"
                            ? [{ regex: "^(@pulumi/|node:)", message: "The plan is pure." }]
                            : []),
                    ],
                },
            ],
        },
    })),
);
