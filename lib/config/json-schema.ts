import { jsonSchemaOf, type JsonSchema } from '../yaml/json-schema.ts';
import { fileSchema } from './schema.ts';

/** The JSON Schema of the configuration file, for editors. */
export function configJsonSchema(): JsonSchema {
  return jsonSchemaOf(fileSchema, 'mailsms configuration');
}
