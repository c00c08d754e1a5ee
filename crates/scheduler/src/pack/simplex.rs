//! Whether a system of linear constraints with non-negative unknowns has a solution: the first phase of a dense simplex. For the
//! packing study alone, whose systems have some fifty rows.

/// Below this a number is 0.
const ZERO: f64 = 1e-9;
/// What is left of the artificial unknowns at a solution, at most. Rows are scaled to about 1.
const LEFT: f64 = 1e-7;

/// Rows of the system: coefficients, and what the sum of coefficient times unknown must be.
#[derive(Debug, Clone)]
pub struct Rows {
    pub unknowns: usize,
    rows: Vec<(Vec<f64>, f64)>,
}

impl Rows {
    pub fn new(unknowns: usize) -> Self {
        Self { unknowns, rows: Vec::new() }
    }

    /// Coefficients by unknown; `is` not negative.
    pub fn equals(&mut self, terms: impl IntoIterator<Item = (usize, f64)>, is: f64) {
        let mut row = vec![0.0; self.unknowns];
        terms.into_iter().for_each(|(at, c)| row[at] += c);
        self.rows.push((row, is));
    }

    /// Whether there is a solution. Bland's rule for entering, so it ends.
    pub fn is_feasible(&self) -> bool {
        let (m, n) = (self.rows.len(), self.unknowns);
        // The tableau: the unknowns, then the right side; artificial unknowns are only a row's number in the basis.
        let mut table: Vec<Vec<f64>> = self.rows.iter().map(|(row, is)| row.iter().copied().chain([*is]).collect()).collect();
        let mut basis: Vec<Option<usize>> = vec![None; m];
        // What a unit of each unknown takes off the sum of the artificial ones.
        let mut cost: Vec<f64> = (0..=n).map(|at| table.iter().map(|row| row[at]).sum()).collect();
        while cost[n] > LEFT {
            let Some(enter) = (0..n).find(|at| cost[*at] > ZERO) else { return false };
            let ratio = |row: &Vec<f64>| row[n] / row[enter];
            let candidates = (0..m).filter(|i| table[*i][enter] > ZERO);
            // Of equal ratios the artificial first, then the lowest unknown.
            let Some(leave) =
                candidates.min_by(|a, b| ratio(&table[*a]).total_cmp(&ratio(&table[*b])).then(basis[*a].cmp(&basis[*b])))
            else {
                return false;
            };
            let pivot = table[leave][enter];
            table[leave].iter_mut().for_each(|x| *x /= pivot);
            let row = table[leave].clone();
            let subtract = |from: &mut Vec<f64>| {
                let times = from[enter];
                if times != 0.0 {
                    from.iter_mut().zip(&row).for_each(|(x, r)| *x -= times * r);
                }
            };
            table.iter_mut().enumerate().filter(|(i, _)| *i != leave).for_each(|(_, r)| subtract(r));
            subtract(&mut cost);
            basis[leave] = Some(enter);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_solution_exactly_when_there_is_one() {
        // x + y = 4 with x + s = 1, y + t = cap.
        for (cap, there) in [(3.0, true), (5.0, true), (2.9, false), (0.0, false)] {
            let mut rows = Rows::new(4);
            rows.equals([(0, 1.0), (1, 1.0)], 4.0);
            rows.equals([(0, 1.0), (2, 1.0)], 1.0);
            rows.equals([(1, 1.0), (3, 1.0)], cap);
            assert_eq!(rows.is_feasible(), there, "{cap}");
        }
        // Contradicting rows, and one of nothing.
        let mut rows = Rows::new(1);
        rows.equals([(0, 1.0)], 1.0);
        assert!(rows.is_feasible());
        rows.equals([], 0.0);
        assert!(rows.is_feasible());
        rows.equals([(0, 2.0)], 1.0);
        assert!(!rows.is_feasible());
    }

    #[test]
    fn as_a_search_by_hand_says() {
        // Random transport problems of two sources and two sinks, which a formula decides.
        let mut rng = crate::rng::Rng::new(1);
        for _ in 0..500 {
            let mut n = || rng.below(20) as f64;
            let (a, b, x, y) = (n(), n(), n(), n());
            // Source a may use sinks x and y, source b only y.
            let mut rows = Rows::new(5);
            rows.equals([(0, 1.0), (1, 1.0)], a);
            rows.equals([(2, 1.0)], b);
            rows.equals([(0, 1.0), (3, 1.0)], x);
            rows.equals([(1, 1.0), (2, 1.0), (4, 1.0)], y);
            assert_eq!(rows.is_feasible(), b <= y && a + b <= x + y, "{a} {b} {x} {y}");
        }
    }
}
