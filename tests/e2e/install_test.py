"""What `cmake --install` puts on a machine is what runs there, and what it says of itself is true: the manual has each
command and option that the program has, the unit is one that systemd takes."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

import place

EXPOSURE_MOST = 1.5  # of systemd-analyze security: 10 is a unit without any hardening


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def read(*names):
    with open(os.path.join(place.SOURCE_DIR, *names), encoding="utf-8") as file:
        return file.read()


def help_of(*command):
    ran = run(place.program("consultd"), *command, "--help")
    assert ran.returncode == 0, ran
    return ran.stdout


def subcommands(text):
    listed = text.partition("\nSubcommands:\n")[2]
    return re.findall(r"^  ([a-z]+)", listed, re.MULTILINE)


def told_by_program():
    """{command: {option or positional: its value}} and {command: what is required}, as --help has them."""
    told, required = {}, {}
    for name in subcommands(help_of()):
        for command in [(name, below) for below in subcommands(help_of(name))] or [(name,)]:
            options = told.setdefault(" ".join(command), {})
            needed = required.setdefault(" ".join(command), set())
            for line in re.findall(r"^  (\S.*)$", help_of(*command), re.MULTILINE):
                # The first column, without its remarks.
                column = re.split(r"  +| (?=Needs:|Excludes:)", line)[0]
                names, *rest = column.split(" ")
                if names == "-h,--help":
                    continue
                # CLI11 calls a positional's value TEXT: its name says more.
                is_option = names.startswith("-")
                options[names] = rest[0] if is_option and rest and rest[0] != "REQUIRED" else ""
                if "REQUIRED" in rest or "REQUIRED" in line:
                    needed.add(names)
    return told, required


def told_by_manual(path):
    """The same, as the headings and entries below COMMANDS have them."""
    with open(path, encoding="utf-8") as file:
        text = file.read().replace("\\-", "-").partition(".SH COMMANDS\n")[2].partition(".SH ")[0]
    told, required = {}, {}
    for section in text.split(".SS ")[1:]:
        heading, _, body = section.partition("\n")
        always = re.sub(r"\{.*?\}|\[.*?\]", "", heading)
        command = re.match(r"[a-z]+( [a-z]+)?", always)[0]
        options = told.setdefault(command, {})
        for entry in re.findall(r"^\.TP\n\.\w+ (.*)$", body, re.MULTILINE):
            names, _, value = entry.replace('"', "").partition(" ")
            options[names] = value.strip()
        words = always[len(command):].split()
        required[command] = {name for name in options if set(name.split(",")) & set(words)}
    return told, required


class InstallTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.prefix = tempfile.mkdtemp(prefix="consultd-install-")
        cls.addClassCleanup(shutil.rmtree, cls.prefix)
        ran = run("cmake", "--install", place.BIN_DIR, "--prefix", cls.prefix)
        assert ran.returncode == 0, ran.stdout + ran.stderr

    def installed(self):
        return {os.path.relpath(os.path.join(at, name), self.prefix)
                for at, _, names in os.walk(self.prefix) for name in names}

    def path(self, *names):
        return os.path.join(self.prefix, *names)

    def test_program_data_manual_and_unit_are_installed_and_nothing_else(self):
        config = os.path.join(place.SOURCE_DIR, "config")
        data = {os.path.join("share/consultd", os.path.relpath(os.path.join(at, name), config))
                for at, _, names in os.walk(config) for name in names if name.endswith(".json")}
        self.assertIn("share/consultd/consultd.schema.json", data)
        self.assertIn("share/consultd/consultd.example.json", data)
        self.assertEqual(self.installed(), data | {
            "bin/consultd", "libexec/consultd/consultd-pdftext", "share/man/man1/consultd.1",
            "lib/systemd/system/consultd.service", "lib/sysusers.d/consultd.conf"})

    def test_the_readme_states_the_versions_that_cmake_asks_for(self):
        asked = {}
        for name in ("CMakeLists.txt", "tests/CMakeLists.txt"):
            for package, rest in re.findall(r"^find_package\((\w+)(.*)\)", read(name), re.MULTILINE):
                version = re.match(r" (\d[\d.]*)", rest)
                asked[package.lower()] = version[1] if version else None
            for package, version in re.findall(r"^pkg_check_modules\(\w+ REQUIRED IMPORTED_TARGET ([\w-]+)>=([\d.]+)\)",
                                               read(name), re.MULTILINE):
                asked[f"poppler ({package})" if package == "poppler-cpp" else package] = version
        # Part of CMake or of the system, or needed to run the tests alone.
        for package in ("pkgconfig", "threads", "python3"):
            asked.pop(package)
        names = {"boost (asio, beast)": "boost", "sqlite": "sqlite3", "googletest": "gtest",
                 "google benchmark": "benchmark"}
        table = read("README.md").partition("| package | version |")[2].partition("\n\n")[0]
        stated = {names.get(package.lower(), package.lower()): version
                  for package, version in re.findall(r"^\| ([^|]+) \| ([\d.]+) \|", table, re.MULTILINE)}
        self.assertEqual(stated, asked)

    def test_the_installed_program_runs_and_knows_its_version(self):
        ran = run(self.path("bin", "consultd"), "--version")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(ran.stdout.strip(), re.search(r"project\(consultd VERSION (\S+)", read("CMakeLists.txt"))[1])

    def test_the_installed_example_is_checked_against_the_installed_schema(self):
        ran = run(self.path("bin", "consultd"), "check", "--config", self.path("share/consultd/consultd.example.json"))
        # All that is wrong with it is what only a site can have: keys, and a token of an operator's.
        for line in ran.stderr.strip().splitlines():
            self.assertRegex(line, r"(keyFile|tokenHashFile)\b", ran.stderr)

    def test_the_manual_has_each_command_and_option_that_the_program_has(self):
        told, required = told_by_program()
        self.assertGreater(len(told), 10)
        self.assertEqual(told["transfer"]["-o,--out"], "DIR")
        self.assertEqual(told["prepare"]["INPUT"], "")
        self.assertEqual(required["receipt verify"], {"FILE", "--key"})
        manual, manual_required = told_by_manual(self.path("share/man/man1/consultd.1"))
        self.assertEqual(manual, told)
        self.assertEqual(manual_required, required)

    def test_the_manual_is_one_that_man_reads(self):
        if not shutil.which("man"):
            self.skipTest("there is no man")
        ran = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", self.path("share/man/man1/consultd.1"))
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))

    def test_the_unit_names_the_installed_program_and_leaves_it_little(self):
        unit = self.path("lib/systemd/system/consultd.service")
        with open(unit, encoding="utf-8") as file:
            text = file.read()
        program = re.search(r"^ExecStart=(\S+) serve --config", text, re.MULTILINE)[1]
        self.assertRegex(program, r"^/.*/bin/consultd$")
        if not shutil.which("systemd-analyze"):
            self.skipTest("there is no systemd-analyze")
        with open(unit, "w", encoding="utf-8") as file:
            file.write(text.replace(program, self.path("bin", "consultd")))
        ran = run("systemd-analyze", "verify", "--man=no", unit)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        # Other units' troubles are not ours; a line of this one that is not understood is said by its name.
        self.assertNotIn("consultd.service:", ran.stderr)
        ran = run("systemd-analyze", "security", "--offline=true", f"--threshold={int(EXPOSURE_MOST * 10)}", unit)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)


if __name__ == "__main__":
    place.main()
