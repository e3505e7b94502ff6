import { expect } from 'chai';
import fc from 'fast-check';
import {
  isReceived,
  readList,
  readMessage,
  readPduForm,
} from '../../../../lib/transports/modem/at/stored-pdu.ts';

/** Service centre and 26 octets: `hello` from +15551232 to us. */
const CENTRE = '07915155000000F0';
const TPDU = '040B915155214365F7000062113221000000' + '05E8329BFD06';
const PDU = CENTRE + TPDU;
const LENGTH = TPDU.length / 2;
/** An SMS-SUBMIT that lies there to be sent. */
const DRAFT = '0001000B915155214365F7000001C8';

/** The headers of one received message in an answer to AT+CMGR; `LEN` stands for its length. */
const HEADERS = [
  '0,,LEN',
  '1,,LEN',
  '0,"Ada, the second",LEN',
  '0,"00410064006100200032",LEN',
  '0,"",LEN',
  '0,LEN',
  ' 0 , , LEN ',
  'LEN',
  ',LEN',
  ',,LEN',
  '"REC UNREAD",,LEN',
  '"REC READ",,LEN',
  'REC UNREAD,,LEN',
  '"00520045004300200055004E0052004500410044",,LEN',
  '0,,LEN,1',
  '0,,LEN,"x"',
  '0,"Ada",129,LEN',
  // Without a length, or with one that fits nothing: the PDU is read a second time, and then believed.
  '0',
  '0,,',
  '',
  '0,,99',
  '"REC UNREAD"',
];

/** The ways in which the PDU itself is written. */
const BODIES: Readonly<Record<string, (header: string, hex: string) => string[]>> = {
  'on the next line': (header, hex) => [header, hex],
  'in small letters': (header, hex) => [header, hex.toLowerCase()],
  'in quotes': (header, hex) => [header, `"${hex}"`],
  'with blanks': (header, hex) => [header, hex.replace(/(..)/g, '$1 ')],
};

describe('a stored message', () => {
  for (const header of HEADERS) {
    for (const [name, command, place] of [
      ['CMGR', '', ''],
      ['CMGL', '3,', '3,'],
    ] as const) {
      for (const [how, write] of Object.entries(BODIES)) {
        for (const [form, hex] of [
          ['', PDU],
          [' without the service centre', TPDU],
        ] as const) {
          it(`is read from +${name}: ${command}${header}, the PDU ${how}${form}`, () => {
            const lines = write(`+${name}: ${place}${header.replace('LEN', String(LENGTH))}`, hex);
            const { found, unread, inText } = name === 'CMGR' ? readMessage(3, lines) : readList(lines);
            expect({ unread, inText }).to.deep.equal({ unread: [], inText: false });
            expect(found).to.have.length(1);
            const [stored] = found;
            if (stored === undefined) return;
            expect([stored.index, stored.hex, isReceived(stored)]).to.deep.equal([3, hex, true]);
            expect(readPduForm(stored.hex, stored.length)).to.deep.equal({
              smsc: hex === PDU,
              fits: header.includes('LEN'),
            });
          });
        }
      }
    }
  }

  it('is read from the line of its header, and from several lines', () => {
    for (const lines of [
      [`+CMGL: 3,0,,${LENGTH} ${PDU}`],
      [`+CMGL: 3,0,,${LENGTH},${PDU}`],
      [`+CMGL: 3,0,,${LENGTH}`, PDU.slice(0, 20), PDU.slice(20)],
    ]) {
      expect(readList([...lines, `+CMGL: 4,1,,${LENGTH}`, PDU]).found).to.deep.equal([
        { index: 3, stat: 0, length: LENGTH, hex: PDU },
        { index: 4, stat: 1, length: LENGTH, hex: PDU },
      ]);
    }
  });

  for (const header of ['2,,14', '3,,14', '"STO UNSENT",,14', '"STO SENT",,14', '14', ',,14']) {
    it(`that was put there to be sent is known from ${header}`, () => {
      const [stored] = readMessage(1, [`+CMGR: ${header}`, DRAFT]).found;
      expect(stored && isReceived(stored)).to.equal(false);
    });
  }

  it('in text form says that the modem is in text mode, and is no PDU, whatever its text', () => {
    for (const stamp of ['"26/11/23,09:30:15+04"', '26/11/23', '"00320036002F00310031002F00320033"']) {
      for (const body of ['hello', '00480065006C006C006F', PDU]) {
        const listing = readList([`+CMGL: 1,"REC UNREAD","+15551234567",,${stamp}`, body]);
        expect(listing.inText).to.equal(true);
        expect(listing.found).to.deep.equal([]);
      }
    }
  });

  it('that cannot be read is named by its header', () => {
    for (const lines of [['+CMGL: 1,0,,26'], ['+CMGL: 1,0,,26', 'zz'], ['+CMGL: x,0,,26', PDU]]) {
      expect(readList(lines)).to.deep.equal({ found: [], unread: [lines[0]], inText: false });
    }
    expect(readMessage(1, [])).to.deep.equal({ found: [], unread: [], inText: false });
  });

  it('is never a reason to throw', () => {
    const line = fc.oneof(
      fc.string(),
      fc
        .constantFrom('+CMGL: ', '+CMGR: ', '+CMGL: 1,', '00', '0791')
        .chain((head) => fc.string().map((tail) => head + tail)),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
        for (const { found } of [readList(lines), readMessage(1, lines)]) {
          for (const stored of found) {
            isReceived(stored);
            readPduForm(stored.hex, stored.length);
          }
        }
      }),
    );
  });
});
