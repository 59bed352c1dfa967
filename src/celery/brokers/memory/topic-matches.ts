/**
 * Tells whether a routing key fits the pattern of a binding: `*` stands for one word, `#` for any number of words, also none.
 *
 * @param pattern - the words of the pattern
 * @param words - the words of the routing key
 * @see https://www.rabbitmq.com/tutorials/tutorial-five-javascript
 */
export function topicMatches(pattern: readonly string[], words: readonly string[]): boolean {
  // As with `*` in a file name: only the last `#` needs another try, so the time is at most the product of the lengths.
  let at = 0
  let word = 0
  let hash = -1
  let afterHash = 0
  while (word < words.length) {
    const expected = pattern[at]
    if (expected === '#') {
      hash = at
      afterHash = word
      at += 1
    } else if (expected !== undefined && (expected === '*' || expected === words[word])) {
      at += 1
      word += 1
    } else if (hash >= 0) {
      afterHash += 1
      word = afterHash
      at = hash + 1
    } else return false
  }
  while (pattern[at] === '#') at += 1
  return at === pattern.length
}
