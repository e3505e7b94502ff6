import fc from 'fast-check';

/**
 * Properties are tried on the same values in every run, so that a test fails for a change and not by chance.
 * MAILSMS_SEED=random tries others; a number tries those of a run that failed.
 */
const seed = process.env['MAILSMS_SEED'];
if (seed !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed ?? 20_261_123) });
