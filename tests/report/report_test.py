"""Renders sample results and reads the pages in a headless Chromium.

    report_test.py RENDER      RENDER is the executable nitro_render_report
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import chromium  # noqa: E402
import sample_result  # noqa: E402
import sample_search  # noqa: E402

VALIDATE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "validate_result.py")
render_program = None

# The picked things of each chart, as names.
PICKED = """({
  rows: [...document.querySelectorAll('#layers tbody tr.within th span')].map(x => x.textContent),
  cells: [...document.querySelectorAll('#icicle .cell[aria-selected=true]')].map(x => x.title.split(/[,:] /)[0]),
  points: [...document.querySelectorAll('#roofline .point.within title')].map(x => x.textContent.split(', ')[0]),
  details: document.querySelector('#details h3')?.textContent ?? null,
})"""


class ReportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="nitro-report-")
        cls.pages = {}
        for variant in ("optimize", "profile", "gpu", "lossy", "hostile", "interrupted", "empty"):
            source = os.path.join(cls.folder.name, f"{variant}.json")
            page = os.path.join(cls.folder.name, f"{variant}.html")
            with open(source, "w", encoding="utf-8") as file:
                json.dump(sample_result.build_variant(variant), file)
            subprocess.run([render_program, source, page], check=True)
            cls.pages[variant] = page
        cls.page = chromium.Page()

    @classmethod
    def tearDownClass(cls):
        cls.page.__exit__()
        cls.folder.cleanup()

    def open(self, variant):
        self.page.messages.clear()
        self.page.requests.clear()
        self.page.open(self.pages[variant])
        self.settle()

    def settle(self):
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def click(self, expression):
        self.page.evaluate(f"({expression}).dispatchEvent(new MouseEvent('click', {{bubbles: true}}))")
        self.settle()

    def text(self, selector):
        return self.page.evaluate(f"document.querySelector({json.dumps(selector)}).textContent")

    def rows(self):
        return self.page.evaluate("document.querySelectorAll('#layers tbody tr').length")

    def test_samples_follow_the_schema(self):
        sources = [os.path.join(self.folder.name, f"{variant}.json") for variant in self.pages]
        done = subprocess.run([sys.executable, VALIDATE, *sources], capture_output=True, text=True)
        if done.returncode == 77:
            self.skipTest("the Python package jsonschema is not installed")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_loads_quietly_and_alone(self):
        for variant, path in self.pages.items():
            with self.subTest(variant):
                self.open(variant)
                self.assertEqual(self.page.messages, [])
                requests = [url for url in self.page.requests if not url.startswith("data:image/png;base64,")]
                self.assertEqual(requests, ["file://" + path])

    def test_is_small(self):
        for variant, path in self.pages.items():
            self.assertLess(os.path.getsize(path), 1_500_000, variant)

    def test_hostile_names_run_nothing(self):
        self.open("hostile")
        self.assertTrue(self.page.evaluate("document.title").endswith("Nitro report"))
        self.assertEqual(self.page.evaluate("document.querySelectorAll('img, svg[onload], [onmouseover]').length"), 0)
        self.assertEqual(self.page.evaluate("document.scripts.length"), 2)
        # Names reach the page as text when they are drawn and picked, too.
        for index in (0, 5, 40):
            self.click(f"document.querySelectorAll('#layers tbody tr')[{index}]")
            self.click(f"document.querySelectorAll('#icicle .cell')[{index}]")
            self.click("document.getElementById('clear')")
        self.assertEqual(self.page.evaluate("document.querySelectorAll('img, [onload], [onmouseover]').length"), 0)
        self.assertTrue(self.page.evaluate("document.title").endswith("Nitro report"))
        self.assertEqual(self.page.messages, [])

    def test_invalid_utf8_is_refused(self):
        source = os.path.join(self.folder.name, "invalid.json")
        with open(source, "wb") as file:
            file.write(b'{"schema_version": 1, "kind": "\xff"}')
        done = subprocess.run([render_program, source, source + ".html"], capture_output=True)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertFalse(os.path.exists(source + ".html"))

    def test_a_row_selects_everywhere(self):
        self.open("optimize")
        name = self.text("#layers tbody tr th span")
        self.click("document.querySelector('#layers tbody tr')")
        picked = self.page.evaluate(PICKED)
        self.assertEqual(picked, {"rows": [name], "cells": [name], "points": [name], "details": name})

    def test_a_mark_under_the_roofs_selects_everywhere(self):
        self.open("optimize")
        self.click("document.querySelector('#roofline .point')")
        picked = self.page.evaluate(PICKED)
        self.assertEqual(len(picked["rows"]), 1)
        self.assertEqual(picked["rows"], picked["points"])
        self.assertEqual(picked["rows"], picked["cells"])

    def test_layers_on_a_gpu_are_under_its_roofs(self):
        self.open("gpu")
        labels = self.page.evaluate("[...document.querySelectorAll('#roofline .roof-label')].map(x => x.textContent)")
        self.assertEqual([label.replace("\xa0", " ") for label in labels],
                         ["L2 6.10 TB/s", "memory 2.60 TB/s", "tensor cores 610 TFLOP/s"])
        hint = self.text("#roofline-section .hint").replace("\xa0", " ")
        self.assertIn("610 TFLOP/s on tensor cores", hint)

    def test_a_module_selects_its_layers(self):
        self.open("optimize")
        self.click("[...document.querySelectorAll('.cell.module')].find(x => x.title.startsWith('layers.2.blocks.4:'))")
        picked = self.page.evaluate(PICKED)
        self.assertEqual(picked["details"], "layers.2.blocks.4")
        self.assertEqual(picked["cells"], ["layers.2.blocks.4"])
        self.assertEqual(len(picked["rows"]), 10)
        self.assertEqual(self.rows(), 10)
        self.assertTrue(all(name.startswith("/layers/2/blocks/4/") for name in picked["rows"] + picked["points"]))
        self.click("document.getElementById('clear')")
        self.assertEqual(self.page.evaluate(PICKED)["cells"], [])
        self.assertEqual(self.rows(), 266)

    def test_the_switch_shows_the_other_profile(self):
        self.open("optimize")
        self.click("[...document.querySelectorAll('.cell.module')].find(x => x.title.startsWith('layers.2.blocks.4:'))")
        self.click("document.querySelector('[data-profile=baseline]')")
        picked = self.page.evaluate(PICKED)
        self.assertEqual(picked["details"], "layers.2.blocks.4", "the selection moves along")
        self.assertGreater(len(picked["rows"]), 10)
        self.click("document.getElementById('clear')")
        self.assertEqual(self.rows(), 542)
        self.assertTrue(self.text("#account").startswith("542 layers"))
        self.assertEqual(self.page.messages, [])

    def test_the_trials_of_a_search_are_placed_and_explained(self):
        self.open("lossy")
        search = sample_search.build_search()
        places = self.page.evaluate("""[...document.querySelectorAll('#pareto .trial')].map(x => ({
            number: +x.textContent.match(/^Trial (\\d+)/)[1],
            x: x.cx.baseVal.value, y: x.cy.baseVal.value, kind: x.getAttribute('class')}))""")
        trials = {trial["number"]: trial for trial in search["trials"]}
        self.assertEqual(len(places), 39, "one could not be applied")
        by_latency = sorted(places, key=lambda place: trials[place["number"]]["latency_ns"]["value"])
        self.assertEqual([place["x"] for place in by_latency], sorted(place["x"] for place in places))
        winner = next(place for place in places if place["number"] == search["winner"])
        self.assertIn("winner", winner["kind"])
        for place in places:
            self.assertEqual("beyond" in place["kind"], not trials[place["number"]]["keeps_limits"])
        limit = self.page.evaluate("document.querySelector('#pareto .limit').y1.baseVal.value")
        self.assertGreater(winner["y"], limit, "less lost lies lower")

    def test_pointing_at_a_trial_shows_its_recipe(self):
        self.open("lossy")
        for event, number in (("pointerover", 7), ("focusin", 3)):
            self.page.evaluate(f"""[...document.querySelectorAll('#pareto .trial')]
                .find(x => x.textContent.startsWith('Trial {number}:'))
                .dispatchEvent(new Event('{event}', {{bubbles: true}}))""")
            trial = sample_search.build_search()["trials"][number]
            self.assertIn(trial["description"], self.text("#pareto-trial"))

    def test_what_steps_do_alone_is_a_map(self):
        self.open("lossy")
        rows = self.page.evaluate("""[...document.querySelectorAll('.heat tbody tr')].map(row =>
            [row.querySelector('th').textContent, ...[...row.querySelectorAll('td b')].map(x => x.textContent)])""")
        self.assertEqual(rows, [["quantize-int8 method", "mse"], ["prune-neurons keep", "0.5", "0.7", "0.9"],
                                ["remove-blocks branches", "layers.9"]])
        heat = self.page.evaluate("""[...document.querySelectorAll('.heat tr:nth-child(2) td')].map(x =>
            getComputedStyle(x).backgroundColor)""")
        self.assertEqual(len(set(heat)), 3, "the more is lost, the warmer")
        self.assertIn("cannot be applied", self.text(".contributions"))
        self.open("optimize")
        self.assertEqual(self.page.evaluate("document.querySelectorAll('#search').length"), 0)

    def test_accuracy_is_drawn_and_explained(self):
        self.open("lossy")
        lead = self.text(".lead").replace("\xa0", " ")
        self.assertIn("Lossy passes changed its outputs (cosine 0.9840 or better on test inputs); accuracy decides.", lead)
        self.assertIn("(same), depth ", lead)
        shown = self.page.evaluate("""[...document.querySelectorAll('#accuracy .whiskers')].map(x => {
            const range = x.querySelector('.range').getBoundingClientRect();
            const point = x.querySelector('.point').getBoundingClientRect();
            return range.width > 10 && range.left <= point.left + point.width / 2 &&
                   point.left + point.width / 2 <= range.right && getComputedStyle(x.querySelector('.point')).backgroundColor;
        })""")
        self.assertEqual(len(shown), 4)
        self.assertEqual(len(set(shown)), 2, "before and after differ in colour")
        verdicts = self.text("#accuracy")
        self.assertIn("Worse: −", verdicts)
        self.assertIn("The same: ", verdicts)
        self.assertIn("✗ missed", verdicts)
        self.assertGreater(self.page.evaluate("document.querySelectorAll('.confusions tbody tr').length"), 3)
        images = self.page.evaluate("[...document.querySelectorAll('.answers img')].map(x => x.naturalWidth)")
        self.assertEqual(images, [1] * len(images))
        self.assertGreaterEqual(len(images), 6)
        self.assertIn("changed, as meant", self.text("#numerics"))
        self.open("optimize")
        self.assertEqual(self.page.evaluate("document.querySelectorAll('#accuracy').length"), 0)

    def test_a_profile_has_no_switch(self):
        self.open("profile")
        self.assertTrue(self.page.evaluate("document.getElementById('profile-switch').hidden"))
        self.assertEqual(self.page.messages, [])

    def test_little_is_known(self):
        self.open("empty")
        self.click("document.querySelector('#layers tbody tr')")
        self.assertIn("time", self.text("#details"))
        self.click("document.querySelector('[data-profile=baseline]')")
        self.assertEqual(self.rows(), 0)
        self.assertEqual(self.page.messages, [])

    def test_prints_without_controls(self):
        self.page.call("Emulation.setEmulatedMedia", media="print")
        try:
            self.open("optimize")
            shown = self.page.evaluate("""['.bar', '.filters', '.details'].filter(
                x => getComputedStyle(document.querySelector(x)).display !== 'none')""")
            self.assertEqual(shown, [])
        finally:
            self.page.call("Emulation.setEmulatedMedia", media="")

    def test_filters_and_sorts(self):
        self.open("optimize")
        self.page.evaluate("""(() => { const box = document.getElementById('filter-text'); box.value = 'GELU';
            box.dispatchEvent(new Event('input', {bubbles: true})); })()""")
        self.assertEqual(self.rows(), 24)
        self.page.evaluate("""(() => { const box = document.getElementById('filter-bound'); box.value = 'layout';
            box.dispatchEvent(new Event('change', {bubbles: true})); })()""")
        self.assertEqual(self.rows(), 0)
        self.open("optimize")
        self.click("document.querySelector('th[data-sort=name] button')")
        names = self.page.evaluate("[...document.querySelectorAll('#layers tbody tr th span')].slice(0, 20).map(x => x.textContent)")
        self.assertEqual(names, self.page.evaluate(
            f"{json.dumps(names)}.sort((a, b) => a.localeCompare(b, 'en', {{numeric: true}}))"))
        self.assertEqual(self.page.evaluate("document.querySelector('[aria-sort]').dataset.sort"), "name")

    def test_keyboard(self):
        self.open("optimize")
        self.page.evaluate("document.querySelector('#icicle .cell[tabindex=\"0\"]').focus()")
        self.page.press("ArrowDown")
        self.assertEqual(self.text("#details h3"), "layers")
        self.page.press("ArrowDown")
        self.assertEqual(self.text("#details h3"), "layers.2")
        self.page.press("ArrowLeft")
        self.assertEqual(self.text("#details h3"), "layers.1")
        self.page.press("Enter")
        crumbs = "[...document.querySelectorAll('#crumbs button')].map(x => x.textContent)"
        self.assertEqual(self.page.evaluate(crumbs), ["edgevl-swin-s", "layers", "1"])
        self.page.press("Escape")
        self.assertEqual(self.page.evaluate(crumbs), ["edgevl-swin-s", "layers"])
        self.page.press("Escape")
        self.page.press("Escape")
        self.assertEqual(self.page.evaluate(PICKED)["cells"], [])
        self.page.evaluate("document.querySelector('#layers tbody tr').focus()")
        self.page.press("ArrowDown")
        second = self.page.evaluate("document.querySelectorAll('#layers tbody tr th span')[1].textContent")
        self.assertEqual(self.page.evaluate(PICKED)["rows"], [second])
        self.assertEqual(self.page.messages, [])

    def test_theme(self):
        self.open("optimize")
        color = "getComputedStyle(document.body).backgroundColor"
        before = self.page.evaluate(color)
        self.click("document.getElementById('theme')")
        after = self.page.evaluate(color)
        self.assertNotEqual(before, after)
        self.click("document.getElementById('theme')")
        self.assertEqual(self.page.evaluate(color), before)

    def test_reads_without_script(self):
        self.page.call("Emulation.setScriptExecutionDisabled", value=True)
        try:
            self.open_without_script()
        finally:
            self.page.call("Emulation.setScriptExecutionDisabled", value=False)

    def open_without_script(self):
        self.page.open(self.pages["optimize"])
        visible = self.page.evaluate("document.body.innerText")
        self.assertIn("/layers/2/blocks/4/mlp/fc1/", visible)
        self.assertIn("Its outputs equal the original ones", visible)
        self.assertNotIn("Filter layers", visible)
        self.assertEqual(self.rows(), 266)

    def test_says_that_it_was_interrupted(self):
        self.open("interrupted")
        self.assertIn("Interrupted.", self.page.evaluate("document.querySelector('.banner').innerText"))


if __name__ == "__main__":
    render_program = os.path.abspath(sys.argv.pop(1))
    if chromium.find_chromium() is None:
        print("Chromium is not installed: skipped")
        sys.exit(77)
    unittest.main()
