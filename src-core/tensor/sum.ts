/** Neumaier's compensated sum: the error does not grow with the number of terms. */
export class Sum {
  #sum = 0;
  #lost = 0;

  add(term: number): void {
    const next = this.#sum + term;
    this.#lost += Math.abs(this.#sum) >= Math.abs(term) ? this.#sum - next + term : term - next + this.#sum;
    this.#sum = next;
  }

  get value(): number {
    // Past the largest double what was lost is not a number.
    return Number.isFinite(this.#sum) ? this.#sum + this.#lost : this.#sum;
  }
}
