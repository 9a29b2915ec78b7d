// What is cleaned as text before any parser sees it; the tree part is tested in a real browser (tests/e2e).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disarm, stripOffice } from '../src/editor/paste.js';

test('Word conditional comments, XML islands and style sheets are gone, the text stays', () => {
  const html = '<html><head><style>p{color:red}</style><!--[if gte mso 9]><xml><o:p/></xml><![endif]--></head><body><!--StartFragment--><p class=MsoNormal>正文<o:p></o:p></p></body></html>';
  const clean = stripOffice(html);
  assert.match(clean, /<p class=MsoNormal>正文<\/p>/);
  assert.doesNotMatch(clean, /style|xml|o:p|mso 9|StartFragment/);
});

test('the number of an automatic list survives between its downlevel comments', () => {
  const clean = stripOffice("<p><![if !supportLists]><span style='mso-list:Ignore'>一、</span><![endif]>事项</p>");
  assert.match(clean, /一、/);
  assert.doesNotMatch(clean, /supportLists/);
});

test('scripts, frames and objects are removed with their content', () => {
  assert.equal(stripOffice('甲<script>alert(1)</script><iframe src="x">乙</iframe><object>丙</object>丁'), '甲丁');
});

test('style and event attributes are renamed so that a strict policy has nothing to block', () => {
  assert.equal(disarm('<p style="text-align:center" onclick="x()">一</p>'), '<p data-style="text-align:center" data-on="x()">一</p>');
});

test('words that look like attributes in the text are left alone', () => {
  assert.equal(disarm('<p>写作 style="x" 的文字</p>'), '<p>写作 style="x" 的文字</p>');
});
