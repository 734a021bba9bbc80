/**
 * A long list of which only the rows in sight are in the document. Rows have one height, which the style sets as
 * --row-height in pixels, so a row's place is its number times that.
 */

const BEYOND = 8;

export class Windowed {
  /** `draw(item)` makes a row's node; `key(item)` tells items apart. An item that is another object is drawn again. */
  constructor(body, { draw, key, place }) {
    this.body = body;
    this.draw = draw;
    this.key = key;
    this.place = place;
    this.items = [];
    this.shown = new Map();
    this.frame = 0;
    this.onScroll = () => this.later();
    addEventListener("scroll", this.onScroll, { passive: true });
    addEventListener("resize", this.onScroll, { passive: true });
  }

  leave() {
    removeEventListener("scroll", this.onScroll);
    removeEventListener("resize", this.onScroll);
    cancelAnimationFrame(this.frame);
  }

  get rowHeight() {
    return parseFloat(getComputedStyle(this.body).getPropertyValue("--row-height"));
  }

  /** Show other items: first comes first. */
  set(items) {
    this.items = items;
    this.update();
  }

  later() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.update());
  }

  update() {
    const height = this.rowHeight;
    const top = this.body.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(-top / height) - BEYOND);
    const end = Math.min(this.items.length, Math.ceil((innerHeight - top) / height) + BEYOND);
    this.body.style.height = `${this.items.length * height}px`;
    const wanted = new Map();
    for (let index = first; index < end; index += 1) wanted.set(this.key(this.items[index]), index);
    for (const [key, row] of this.shown) {
      if (!wanted.has(key)) this.#drop(key, row.node);
    }
    let position = 0;
    for (const [key, index] of wanted) {
      const node = this.#put(key, index, height);
      // The document has them in the order in which they are seen, for screen readers.
      const there = this.body.children[position];
      if (there !== node) this.body.insertBefore(node, there ?? null);
      position += 1;
    }
  }

  #drop(key, node) {
    node.remove();
    this.shown.delete(key);
  }

  #put(key, index, height) {
    const item = this.items[index];
    let row = this.shown.get(key);
    if (row?.item !== item) {
      const node = this.draw(item);
      const focused = row?.node.contains(document.activeElement);
      row?.node.replaceWith(node);
      if (focused) node.querySelector("a")?.focus({ preventScroll: true });
      row = { node, item };
      this.shown.set(key, row);
    }
    row.node.style.transform = `translateY(${index * height}px)`;
    this.place(row.node, index, item);
    return row.node;
  }

  node(key) {
    return this.shown.get(key)?.node;
  }

  /** Scroll as little as needed to bring a row into sight, below what covers the top. */
  reveal(index, covered) {
    const height = this.rowHeight;
    const top = this.body.getBoundingClientRect().top + index * height;
    if (top < covered) scrollBy(0, top - covered);
    else if (top + height > innerHeight) scrollBy(0, top + height - innerHeight + 4);
    this.update();
  }
}
