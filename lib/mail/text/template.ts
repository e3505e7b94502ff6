import { text } from '../../settings/values.ts';

/** What a layout can name. */
export interface TemplateFields {
  readonly subject: string;
  /** Address of the sender. */
  readonly from: string;
  readonly text: string;
  /** Octets of the mail. */
  readonly size: number;
  /** Names of the attachments; where one has none, its type. */
  readonly attachments: readonly string[];
}

/** Text alone, and the subject where there is no text. */
export const DEFAULT_TEMPLATE = '{text}';

/** The layout of a text as a setting. */
export function layout() {
  return text((value) => {
    const names = value.match(/\{[^{}\s]*\}/g) ?? [];
    const unknown = names.find((name) => name.search(NAME) < 0);
    if (unknown !== undefined) return `knows no ${unknown}`;
    return names.length === 0 ? 'names no part of the mail, so every message would be the same' : undefined;
  }, 'use {subject}, {from}, {text}, {size} or {attachments}');
}

const NAME = /\{(subject|from|text|size|attachments)\}/g;

/**
 * `template` with `{subject}`, `{from}`, `{text}`, `{size}` and `{attachments}` put in; any other brace stays. The
 * values are put in once: braces inside them mean nothing. Where the template names the text but not the subject
 * and the text is empty, the subject stands in for it (spec section 3).
 */
export function renderTemplate(template: string, fields: TemplateFields): string {
  const fallback = fields.text === '' && !template.includes('{subject}') ? fields.subject : fields.text;
  if (template === DEFAULT_TEMPLATE) return fallback;
  const values: Readonly<Record<string, string>> = {
    subject: fields.subject,
    from: fields.from,
    text: fallback,
    size: printSize(fields.size),
    attachments: fields.attachments.join(', '),
  };
  return template.replace(NAME, (_, name: string) => values[name] ?? '').trim();
}

/** Octets as people say them: `820 B`, `12 KB`, `3.4 MB`. */
function printSize(octets: number): string {
  if (octets < 1024) return `${octets} B`;
  if (octets < 1024 * 1024) return `${Math.round(octets / 1024)} KB`;
  return `${(octets / 1024 / 1024).toFixed(1)} MB`;
}
