import { jsonSchemaOf, type JsonSchema } from '../settings/json-schema.ts';
import { fileSchema } from './schema.ts';

/** The JSON Schema of the configuration file, for editors. */
export function configJsonSchema(): JsonSchema {
  return jsonSchemaOf(fileSchema, 'mailsms configuration');
}
