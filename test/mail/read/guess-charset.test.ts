import { expect } from 'chai';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { decodeCharset } from '../../../lib/mail/read/charset.ts';
import { guessCharset } from '../../../lib/mail/read/guess-charset.ts';

/** Texts as devices write them, by the charset that they write them in. */
const FOREIGN: readonly (readonly [charset: string, text: string])[] = [
  ['big5', '主機房 UPS 電池電量低，請儘速派員檢查。'],
  ['big5', '警告：三號幫浦停止運轉，溫度 85 度。'],
  ['gb18030', '告警：3号泵已停止运行，请立即检查。'],
  ['gb18030', 'UPS 电池电量低 (20%)，市电已中断。'],
  ['cp949', '경고: 3번 펌프가 정지되었습니다. 확인하십시오.'],
  ['cp949', '서버실 온도가 높습니다 (32도)'],
  ['euc-jp', '警告：ポンプ３が停止しました。確認してください。'],
  ['cp932', '警告：ポンプ３が停止しました。確認してください。'],
  ['cp932', 'サーバー室の温度が高くなっています'],
  ['windows-1251', 'Внимание: насос 3 остановлен, давление масла упало.'],
  ['windows-1251', 'ВНИМАНИЕ! НАСОС СТОИТ'],
  ['koi8-r', 'Внимание: насос 3 остановлен, давление масла упало.'],
  ['koi8-r', 'Сервер db1: диск заполнен на 98%'],
];

const WESTERN = [
  'Pumpe 3 hat kein Öl mehr. Bitte prüfen, ob der Schlüssel da ist.',
  'ÄÖÜ äöü ßÄÖÜÄÖÜ',
  'ÄNDERUNG: TÜR GEÖFFNET, ÖLSTAND MÄSSIG',
  'L’été où le père a été célébré : déjà prêt, à côté, « voilà ».',
  '¿Dónde está el señor Muñoz? ¡Mañana!',
  'Årsmötet är på lördag, hälsningar från Åke Öberg',
  '“Don’t”, she said – “it’s €5…”',
  'Não há ligação à estação; atenção às condições',
  'éééééééééé àààààà',
];

describe('octets without a charset', () => {
  for (const [charset, text] of FOREIGN) {
    it(`${charset}: ${text}`, () => {
      const octets = iconv.encode(text, charset);
      for (const label of [undefined, 'us-ascii', 'iso-8859-1']) {
        expect(decodeCharset(octets, label)).to.equal(text);
      }
    });
  }

  for (const text of WESTERN) {
    it(`Western: ${text}`, () => {
      expect(decodeCharset(iconv.encode(text, 'windows-1252'), undefined)).to.equal(text);
    });
  }

  it('are taken for nothing else where they are few', () => {
    expect(guessCharset(iconv.encode('電池', 'big5'))).to.equal(undefined);
    expect(guessCharset(iconv.encode('Да, нет', 'koi8-r'))).to.equal(undefined);
  });

  it('may end within a character', () => {
    const octets = iconv.encode('告警：3号泵已停止运行', 'gb18030');
    expect(guessCharset(octets.subarray(0, -1))).to.equal('gb18030');
  });

  it('Western words with an accent here and there are never anything else', () => {
    const word = fc
      .tuple(
        fc.stringMatching(/^[A-Za-z]{1,5}$/),
        fc.constantFrom(...'äöüßéèàçñøåÉÄÖ'),
        fc.stringMatching(/^[a-z]{0,5}$/),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), (words) => {
        expect(guessCharset(iconv.encode(words.join(' '), 'windows-1252'))).to.equal(undefined);
      }),
    );
  });
});
