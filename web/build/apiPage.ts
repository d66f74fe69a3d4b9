/** The API's document as a page that needs no script: what is in <main> and in its navigation. */

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly examples?: readonly unknown[];
}

interface Content {
  readonly schema: Schema;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description: string;
  readonly schema: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly description: string;
        readonly headers?: Readonly<Record<string, unknown>>;
        readonly content?: Readonly<Record<string, Content>>;
      }
    >
  >;
}

export interface ApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly securitySchemes: Readonly<Record<string, { readonly description: string }>>;
  };
}

/** Text that is HTML already. Everything else is escaped when it is put into some. */
class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | null | undefined | false | readonly Part[];

function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(
    strings.map((text, index) => (index === 0 ? '' : escaped(parts[index - 1])) + text).join(''),
  );
}

function escaped(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === 'number') return part.toString();
  if (typeof part === 'string') {
    return part.replace(/[&<>"]/g, (character) => `&#${String(character.charCodeAt(0))};`);
  }
  return part ? part.map(escaped).join('') : '';
}

/** Paragraphs, with `code` and addresses. */
function prose(text: string): Html[] {
  return text
    .trim()
    .split(/\n\n+/)
    .map((paragraph) => html`<p>${inline(paragraph)}</p>`);
}

function inline(text: string): Part[] {
  return text.split(/(`[^`]+`|https:\/\/[^\s)]+)/).map((part) => {
    if (part.startsWith('`')) return html`<code>${part.slice(1, -1)}</code>`;
    return part.startsWith('https://') ? html`<a href="${part}">${part}</a>` : part;
  });
}

const anchor = (text: string) => text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
const nameOf = (reference: string) => reference.replace(/.*\//, '');

function linkTo(reference: string): Html {
  return html`<a href="#schema-${nameOf(reference)}">${nameOf(reference)}</a>`;
}

/** What kind of value it is, in a few words. */
function kindOf(schema: Schema): Part {
  if (schema.$ref !== undefined) return linkTo(schema.$ref);
  if (schema.anyOf) {
    return schema.anyOf.map((each, index) => [index > 0 ? ' or ' : '', kindOf(each)]);
  }
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum) return valuesOf(schema.enum);
  if (schema.type === 'array')
    return ['list of ', schema.items ? kindOf(schema.items) : 'anything'];
  if (schema.type === 'object') {
    const values = schema.additionalProperties;
    return typeof values === 'object' ? ['names with ', kindOf(values)] : 'object';
  }
  return [schema.format === 'date-time' ? 'time' : (schema.type ?? 'anything'), limitsOf(schema)];
}

function valuesOf(values: readonly unknown[]): Part {
  return values.map((value, index) => [index > 0 ? ', ' : '', html`<code>${String(value)}</code>`]);
}

function limitsOf(schema: Schema): string {
  const range = (from: number | undefined, to: number | undefined, unit: string) => {
    if (from === undefined && to === undefined) return [];
    if (from === undefined) return [`at most ${String(to)}${unit}`];
    return [
      to === undefined
        ? `at least ${String(from)}${unit}`
        : `${String(from)} to ${String(to)}${unit}`,
    ];
  };
  const limits = [
    ...range(schema.minimum, schema.maximum, ''),
    ...range(schema.minLength, schema.maxLength, ' characters'),
    ...(schema.default === undefined ? [] : [`default ${JSON.stringify(schema.default)}`]),
  ];
  return limits.length > 0 ? `, ${limits.join(', ')}` : '';
}

interface Field {
  readonly name: string;
  readonly kind: Part;
  readonly note: string;
  readonly meaning: string;
}

function fieldList(fields: readonly Field[]): Html {
  return html`<dl class="fields">
    ${fields.map(
      ({ name, kind, note, meaning }) =>
        html`<div>
          <dt><code>${name}</code> <span class="kind">${kind}${note && `; ${note}`}</span></dt>
          <dd>${inline(meaning)}</dd>
        </div>`,
    )}
  </dl>`;
}

function parameters(operation: Operation): Part {
  if (!operation.parameters) return null;
  const fields = operation.parameters.map((each) => ({
    name: each.name,
    kind: kindOf(each.schema),
    note: `in the ${each.in}${each.required ? ', required' : ''}`,
    meaning: each.description,
  }));
  return html`<h4>Parameters</h4>
    ${fieldList(fields)}`;
}

function body(operation: Operation): Part {
  const [content] = Object.values(operation.requestBody?.content ?? {});
  return (
    content &&
    html`<h4>Body</h4>
      <p>${kindOf(content.schema)}</p>`
  );
}

function answers(operation: Operation): Html {
  const rows = Object.entries(operation.responses).map(([status, answer]) => {
    const [content] = Object.values(answer.content ?? {});
    const codes = content?.schema.properties?.code?.enum;
    return html`<div>
      <dt><code>${status}</code></dt>
      <dd>
        ${inline(answer.description)}
        ${content && html`<span class="kind">${kindOf(content.schema)}</span>`}
        ${codes && html`<span class="codes">${valuesOf(codes)}</span>`}
      </dd>
    </div>`;
  });
  return html`<h4>Answers</h4>
    <dl class="fields answers">${rows}</dl>`;
}

function callers(operation: Operation): Html {
  const schemes = operation.security.flatMap((each) => Object.keys(each));
  if (schemes.length === 0) return html`<p class="callers">Needs no token.</p>`;
  return html`<p class="callers">
    Needs a token:
    ${schemes.map((name, index) => [
      index > 0 ? ' or ' : '',
      html`<a href="#token-${name}"><code>${name}</code></a>`,
    ])}.
  </p>`;
}

interface Route {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

function routesOf(document: ApiDocument, tag: string): Route[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

function article(server: string, { method, path, operation }: Route): Html {
  return html`<article
    id="${operation.operationId}"
    aria-labelledby="${operation.operationId}-name"
  >
    <h3 id="${operation.operationId}-name">${operation.summary}</h3>
    <p class="route"><span class="method">${method}</span> <code>${server}${path}</code></p>
    ${prose(operation.description)} ${callers(operation)} ${parameters(operation)}
    ${body(operation)} ${answers(operation)}
  </article>`;
}

function schemaSection([name, schema]: readonly [string, Schema]): Html {
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties ?? {}).map(([field, each]) => ({
    name: field,
    kind: kindOf(each),
    note: required.has(field) ? '' : 'may be left out',
    meaning: each.description ?? '',
  }));
  const [example] = schema.examples ?? [];
  return html`<article id="schema-${name}" aria-labelledby="schema-${name}-name">
    <h3 id="schema-${name}-name">${name}</h3>
    ${prose(schema.description ?? '')} ${schema.enum && html`<p>${valuesOf(schema.enum)}</p>`}
    ${fields.length > 0 && fieldList(fields)}
    ${
      example !== undefined &&
      html`<details>
        <summary>Example</summary>
        <pre><code>${JSON.stringify(example, null, 2)}</code></pre>
      </details>`
    }
  </article>`;
}

function navigation(document: ApiDocument): Html {
  const groups = document.tags.map(
    ({ name }) =>
      html`<li>
        <a href="#${anchor(name)}">${name}</a>
        <ul>
          ${routesOf(document, name).map(
            ({ operation }) =>
              html`<li><a href="#${operation.operationId}">${operation.summary}</a></li>`,
          )}
        </ul>
      </li>`,
  );
  return html`<nav class="api-nav" aria-label="Contents">
    <ul>
      <li><a href="#tokens">Tokens</a></li>
      ${groups}
      <li><a href="#schemas">Schemas</a></li>
    </ul>
  </nav>`;
}

/** Everything between the page's header and its end. */
export function apiPage(document: ApiDocument): string {
  const server = document.servers[0]?.url ?? '';
  const tokens = Object.entries(document.components.securitySchemes).map(
    ([name, { description }]) =>
      html`<div id="token-${name}">
        <dt><code>${name}</code></dt>
        <dd>${inline(description)}</dd>
      </div>`,
  );
  const tags = document.tags.map(
    ({ name, description }) =>
      html`<section id="${anchor(name)}" aria-labelledby="${anchor(name)}-name">
        <h2 id="${anchor(name)}-name">${name}</h2>
        ${prose(description)} ${routesOf(document, name).map((route) => article(server, route))}
      </section>`,
  );
  return html`<div class="api-layout">
    ${navigation(document)}
    <main id="main" tabindex="-1">
      <h1>The API of ${document.info.title}</h1>
      ${prose(document.info.description)}
      <section id="tokens" aria-labelledby="tokens-name">
        <h2 id="tokens-name">Tokens</h2>
        <p>They go into the header <code>Authorization</code>, after <code>Bearer</code>.</p>
        <dl class="fields">${tokens}</dl>
      </section>
      ${tags}
      <section id="schemas" aria-labelledby="schemas-name">
        <h2 id="schemas-name">Schemas</h2>
        ${Object.entries(document.components.schemas).map(schemaSection)}
      </section>
    </main>
  </div>`.text;
}
