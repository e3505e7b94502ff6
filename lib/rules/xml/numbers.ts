/**
 * The numbers and names of IceWarp's content filters, as its administration API has them. One line to add one.
 *
 * `null`: it is known, and means nothing for text messages.
 */
import type { Mode } from '../match/text-test.ts';

export interface KnownCondition {
  readonly number: number;
  readonly label: string;
  readonly classname: string;
}

function words(number: number, label: string): KnownCondition {
  return { number, label, classname: 'trulesomewordscondition' };
}

/** Conditions that have a counterpart, by their name in our files; a header field by `header:` and its name. */
export const CONDITION_NUMBERS: Readonly<Record<string, KnownCondition>> = {
  from: words(1, 'From'),
  to: words(2, 'To'),
  subject: words(3, 'Subject'),
  cc: words(4, 'Cc'),
  replyTo: words(5, 'Reply-To'),
  'header:bcc': words(6, 'Bcc'),
  'header:date': words(7, 'Date'),
  priority: { number: 8, label: 'Priority', classname: 'truleprioritycondition' },
  size: { number: 10, label: 'Size', classname: 'truleissizecondition' },
  body: words(11, 'Body'),
  header: words(12, 'Custom header'),
  anyHeader: words(13, 'Any header'),
  attachment: words(14, 'Attachment name'),
  hasAttachment: { number: 17, label: 'Has attachment', classname: 'trulehasattachmentcondition' },
  sender: words(19, 'Sender'),
  recipient: words(20, 'Recipient'),
  remote: words(25, 'Remote IP'),
  trusted: { number: 28, label: 'Trusted session', classname: 'truletrustedsessioncondition' },
  authenticated: { number: 31, label: 'SMTP AUTH', classname: 'trulesmtpauthcondition' },
  time: { number: 33, label: 'Local time', classname: 'trulelocaltimecondition' },
  always: { number: 35, label: 'All messages', classname: 'truleallcondition' },
};

/** Conditions that mean nothing for text messages, or whose settings are not known. */
export const FOREIGN_CONDITIONS: Readonly<Record<number, string>> = {
  0: 'None',
  9: 'Spam',
  15: 'Strip attachment',
  16: 'Rename attachment',
  18: 'Charset',
  21: 'Sender or recipient is local',
  22: 'Remote host',
  23: 'RFC 822',
  24: 'Execution',
  26: 'rDNS',
  27: 'DNSBL',
  29: 'Spam score',
  30: 'Bayes size',
  32: 'Antivirus',
  34: 'SQL',
  36: 'Age',
  37: 'Folder',
  38: 'Owner',
  39: 'Direct message',
};

export const ACTION_NUMBERS = {
  send: { number: 1, classname: 'trulesendmessageaction' },
  forward: { number: 2, classname: 'truleforwardtoemailaction' },
  copy: { number: 3, classname: 'trulecopymessageaction' },
  folder: { number: 4, classname: 'trulemovetofolderaction' },
  priority: { number: 7, classname: 'trulepriorityaction' },
  respond: { number: 8, classname: 'trulerespondaction' },
  header: { number: 10, classname: 'truleeditheaderaction' },
  execute: { number: 12, classname: 'truleexecuteaction' },
  headerFooter: { number: 13, classname: 'truleheaderfooteraction' },
  sql: { number: 21, classname: 'truledbaction' },
  message: { number: 25, classname: 'trulemessageactionaction' },
  stop: { number: 27, classname: 'trulestopaction' },
} as const;

export const DELETE_MESSAGE = 26;

/** Actions that mean nothing for text messages, or whose settings are not known. */
export const FOREIGN_ACTIONS: Readonly<Record<number, string>> = {
  0: 'None',
  5: 'Copy to folder',
  6: 'Encrypt',
  9: 'Flags',
  11: 'Spam score',
  14: 'Strip all attachments',
  15: 'Extract attachments',
  16: 'Smart attach',
  17: 'Append',
  18: 'SMTP response',
  19: 'Fix RFC 822',
  20: 'Tarpit IP',
  22: 'Skip archive',
  23: 'Move to archive',
  24: 'Copy to archive',
};

/** MatchFunction of a condition on words; 2 is `contains` with a file of texts. */
export const MATCH_NUMBERS: Readonly<Record<Mode, number>> = {
  contains: 1,
  regex: 3,
  starts: 4,
  ends: 5,
  is: 6,
  wildcard: 7,
};
export const MATCH_LIST = 2;

export const MESSAGE_ACTIONS = { accept: 0, delete: 1, reject: 2 } as const;
export const FOREIGN_MESSAGE_ACTIONS: Readonly<Record<number, string>> = { 3: 'Spam', 4: 'Quarantine' };

/** Highest to lowest, in ours. */
export const PRIORITIES: Readonly<Record<number, number>> = { 1: 9, 2: 5, 3: 0, 4: -5, 5: -9 };

/** MultipleItemsMatch: as one text, every one, at least one. */
export const EVERY_ITEM = 1;

export const WEEKDAY_FIELDS = {
  monday: 'mon',
  tuesday: 'tue',
  wednesday: 'wed',
  thursday: 'thu',
  friday: 'fri',
  saturday: 'sat',
  sunday: 'sun',
} as const;
