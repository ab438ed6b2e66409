import { join } from "node:path";
import ts from "typescript";
import type { ProviderDefinition } from "../resource.ts";

/** A type as Pulumi's package schema writes it. */
type TypeSpec =
    | { type: string }
    | { type: "array"; items: TypeSpec }
    | { type: "object"; additionalProperties: TypeSpec }
    | { $ref: string };

type PropertySpec = TypeSpec & { description?: string; secret?: true };

/** Properties by name, and which of them are always there. */
interface ObjectSpec {
    properties: Record<string, PropertySpec>;
    required: string[];
}

type Property = ts.PropertyDeclaration | ts.PropertySignature;

const ROOT = join(import.meta.dirname, "..", "..");
const SDK = join(ROOT, "provider", "sdk.ts");
const PRIMITIVES = ["string", "number", "boolean"];

/**
 * The package schema of a provider: inputs are what the SDK's classes take as arguments, outputs are their properties, and
 * secret is what the provider marks so.
 */
export function sdkSchema({ name, version, resources }: ProviderDefinition): object {
    const file = ts.readJsonConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile.bind(ts.sys));
    const { options } = ts.parseJsonSourceFileConfigFileContent(file, ts.sys, ROOT);
    const program = ts.createProgram([SDK], options);
    const classes = program.getSourceFile(SDK)?.statements.filter(ts.isClassDeclaration) ?? [];
    const reader = new SdkReader(name, program.getTypeChecker());
    const described = classes.map((one): [string, object] => {
        const token = tokenOf(one);
        const resource = resources[token];
        if (!resource) {
            throw new Error(`${SDK} has a class for ${token}, which the provider does not have`);
        }
        return [token, reader.resource(one, resource.secrets)];
    });
    return { name, version, resources: Object.fromEntries(described), types: reader.types };
}

/** The type token, which a class hands to Pulumi as `super(TOKEN, ...)`. */
function tokenOf(declaration: ts.ClassDeclaration): string {
    const [call] = constructorOf(declaration).body!.statements.flatMap((statement) =>
        ts.isExpressionStatement(statement) && ts.isCallExpression(statement.expression)
            ? [statement.expression]
            : [],
    );
    return (call?.arguments[0] as ts.StringLiteral).text;
}

function constructorOf({ members }: ts.ClassDeclaration): ts.ConstructorDeclaration {
    return members.find(ts.isConstructorDeclaration)!;
}

/** Puts declarations into the words of a package schema. */
class SdkReader {
    /** By token: the types that properties refer to. */
    readonly types: Record<string, object> = {};
    private readonly provider: string;
    private readonly checker: ts.TypeChecker;

    constructor(provider: string, checker: ts.TypeChecker) {
        this.provider = provider;
        this.checker = checker;
    }

    resource(declaration: ts.ClassDeclaration, secrets: string[] = []): object {
        const [, args] = constructorOf(declaration).parameters;
        const { text: name } = declaration.name!;
        const given = propertiesOf(this.checker.getTypeAtLocation(args!));
        const inputs = this.object(given, name, secrets);
        const outputs = this.object(
            declaration.members.filter(ts.isPropertyDeclaration),
            name,
            secrets,
        );
        return {
            ...this.description(this.checker.getSymbolAtLocation(declaration.name!)),
            inputProperties: inputs.properties,
            requiredInputs: inputs.required,
            ...outputs,
        };
    }

    /** `owner` is what types without a name of their own are called after. */
    private object(declared: Property[], owner: string, secrets: string[] = []): ObjectSpec {
        const properties = declared.map((property): [string, PropertySpec] => {
            const name = property.name.getText();
            const type = this.checker.getTypeFromTypeNode(definite(property.type!));
            const spec = {
                ...this.type(type, owner + name.replace(/^./, (first) => first.toUpperCase())),
                ...this.description(this.checker.getSymbolAtLocation(property.name)),
                ...(secrets.includes(name) && { secret: true as const }),
            };
            return [name, spec];
        });
        const required = declared.filter(({ questionToken }) => !questionToken);
        return {
            properties: Object.fromEntries(properties),
            required: required.map(({ name }) => name.getText()),
        };
    }

    private type(type: ts.Type, name: string): TypeSpec {
        const { checker } = this;
        const [wrapped] = type.aliasTypeArguments ?? [];
        if (wrapped && ["Input", "Output"].includes(type.aliasSymbol!.name)) {
            return this.type(wrapped, name);
        }
        const primitive = checker.typeToString(type);
        if (PRIMITIVES.includes(primitive)) {
            return { type: primitive };
        }
        const one = name.replace(/s$/, "");
        if (checker.isArrayType(type)) {
            const [item] = checker.getTypeArguments(type as ts.TypeReference);
            return { type: "array", items: this.type(item!, one) };
        }
        const values = checker.getIndexTypeOfType(type, ts.IndexKind.String);
        if (values) {
            return { type: "object", additionalProperties: this.type(values, one) };
        }
        return this.reference(type, type.aliasSymbol?.name ?? name);
    }

    private reference(type: ts.Type, name: string): TypeSpec {
        const token = `${this.provider}:index:${name}`;
        this.types[token] ??= {
            ...this.description(type.aliasSymbol),
            ...(type.isUnion()
                ? { type: "string", enum: literals(type).map((value) => ({ value })) }
                : { type: "object", ...this.object(propertiesOf(type), name) }),
        };
        return { $ref: `#/types/${token}` };
    }

    private description(symbol: ts.Symbol | undefined): { description?: string } {
        const comment = symbol?.getDocumentationComment(this.checker) ?? [];
        const description = ts.displayPartsToString(comment).replace(/\s+/g, " ");
        return description === "" ? {} : { description };
    }
}

function propertiesOf(type: ts.Type): ts.PropertySignature[] {
    return type.getProperties().map(({ name, valueDeclaration }) => {
        if (!valueDeclaration || !ts.isPropertySignature(valueDeclaration)) {
            throw new Error(`${SDK}: a package schema cannot describe the property ${name}`);
        }
        return valueDeclaration;
    });
}

/** The texts that a union is made of; their order in the source is lost. */
function literals(union: ts.UnionType): string[] {
    return union.types.map((type) => (type as ts.StringLiteralType).value).sort();
}

/** Without `| undefined`. */
function definite(node: ts.TypeNode): ts.TypeNode {
    const isUndefined = ({ kind }: ts.TypeNode) => kind === ts.SyntaxKind.UndefinedKeyword;
    return (ts.isUnionTypeNode(node) && node.types.find((one) => !isUndefined(one))) || node;
}
