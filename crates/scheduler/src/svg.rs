//! Charts of a run, as one SVG file: use and stranding, launches, how long launches took. No script, no font but the viewer's.

use crate::sim::Report;
use std::fmt::Write;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 60.0;
const PITCH: f64 = 270.0;
const COLOURS: [&str; 4] = ["#1f6feb", "#bf3989", "#1a7f37", "#9a6700"];

struct Line {
    name: &'static str,
    points: Vec<(f64, f64)>,
}

pub fn charts(report: &Report) -> String {
    let over_time = |f: fn(&crate::sim::Sample) -> f64| -> Vec<(f64, f64)> {
        report.samples.iter().map(|s| (s.at_ms as f64 / 1000.0, f(s))).collect()
    };
    let room = [
        Line { name: "vCPUs used", points: over_time(|s| f64::from(s.vcpus_used) / 10.0) },
        Line { name: "memory used", points: over_time(|s| f64::from(s.memory_used) / 10.0) },
        Line { name: "vCPUs stranded", points: over_time(|s| f64::from(s.vcpus_stranded) / 10.0) },
        Line { name: "memory stranded", points: over_time(|s| f64::from(s.memory_stranded) / 10.0) },
    ];
    let launches = [
        Line { name: "launched", points: over_time(|s| s.launched as f64) },
        Line { name: "failed", points: over_time(|s| s.failed as f64) },
    ];
    let took: Vec<(f64, f64)> = (0..=100)
        .filter_map(|p| {
            let at = (report.took.len().checked_sub(1)? * p) / 100;
            Some((p as f64, f64::from(report.took[at])))
        })
        .collect();
    let took = [Line { name: "launch to running", points: took }];
    let height = PITCH * 3.0 + 20.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{:.0}\" height=\"{height:.0}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        LEFT + WIDTH + 20.0
    );
    chart(&mut out, 0.0, "Percent of all hosts' room, over seconds", &room);
    chart(&mut out, PITCH, "Launches, over seconds", &launches);
    chart(&mut out, PITCH * 2.0, "Milliseconds, over percent of launches", &took);
    out.push_str("</svg>\n");
    out
}

fn chart(out: &mut String, top: f64, title: &str, lines: &[Line]) {
    let top = top + 40.0;
    let all = || lines.iter().flat_map(|l| l.points.iter());
    let x_max = all().map(|p| p.0).fold(1.0, f64::max);
    let y_max = all().map(|p| p.1).fold(1.0, f64::max);
    // Writing to a String does not fail.
    let _ = writeln!(out, "<text x=\"{LEFT}\" y=\"{:.0}\" font-weight=\"bold\">{title}</text>", top - 22.0);
    for step in 0..=4 {
        let share = f64::from(step) / 4.0;
        let (y, x) = (top + HEIGHT * (1.0 - share), LEFT + WIDTH * share);
        let _ = writeln!(out, "<path d=\"M{LEFT} {y:.1}H{:.0}\" stroke=\"#ddd\"/>", LEFT + WIDTH);
        let _ =
            writeln!(out, "<text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{:.0}</text>", LEFT - 6.0, y + 4.0, y_max * share);
        let _ = writeln!(
            out,
            "<text x=\"{x:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{:.0}</text>",
            top + HEIGHT + 16.0,
            x_max * share
        );
    }
    for (i, line) in lines.iter().enumerate() {
        let colour = COLOURS[i % COLOURS.len()];
        let points: Vec<String> = line
            .points
            .iter()
            .map(|(x, y)| format!("{:.1},{:.1}", LEFT + WIDTH * x / x_max, top + HEIGHT * (1.0 - y / y_max)))
            .collect();
        let _ =
            writeln!(out, "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" points=\"{}\"/>", points.join(" "));
        let _ = writeln!(
            out,
            "<text x=\"{:.0}\" y=\"{:.0}\" fill=\"{colour}\">{}</text>",
            LEFT + 140.0 * i as f64,
            top - 6.0,
            line.name
        );
    }
}
