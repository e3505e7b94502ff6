import type { Scene } from '../store.ts';

export function describeModel(_the: () => Scene): void {}
