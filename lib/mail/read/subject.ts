/** What the first word of a subject says, in the words of mail programs in many languages. */

/** Does the subject say that the mail forwards another? */
export function isForward(subject: string): boolean {
  return /^(?:\[[^\]]{1,40}\]\s*)?(?:fwd?|fw|wg|tr|rv|i|enc|doorst|vs|vb|pd|转发|轉寄|転送)\s?[:：]/iu.test(
    subject,
  );
}

/** Does the subject say that the mail answers another? */
export function isAnswer(subject: string): boolean {
  return /^(?:\[[^\]]{1,40}\]\s*)?(?:re|aw|antw|antwort|sv|vs|r|rif|ref|res|odp|ynt|απ|回复|回覆|答复|返信|답장)\s?(?:\[\d+\])?\s?[:：]/iu.test(
    subject,
  );
}
