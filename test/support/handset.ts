import { type Product, until } from './product.ts';

/** All texts that a simulated handset has been sent, in their order. */
export async function texts(product: Product, number: string): Promise<string[]> {
  const { stdout } = await product.cli('phone', '--number', number, '--json');
  if (stdout.trim() === '') return [];
  const { messages } = JSON.parse(stdout) as { messages: { text: string }[] };
  return messages.map(({ text }) => text);
}

/** Resolves when a simulated handset has been sent this text. */
export async function heard(product: Product, number: string, text: string): Promise<void> {
  await until(
    `"${text}" on ${number}`,
    async () => (await texts(product, number)).includes(text) || undefined,
  );
}
