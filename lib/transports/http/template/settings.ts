/** A text of a preset with its settings in it, as they are: for credentials and addresses, which no message can be part of. */
export function withSettings(text: string, settings: Readonly<Record<string, string>>): string {
  return text.replace(/%settings\.([A-Za-z0-9]+)%/g, (whole, name: string) => settings[name] ?? whole);
}
