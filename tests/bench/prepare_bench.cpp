// The pure half of a transfer on one record: parsing, normalize, consent, assemble, the ledger. The
// record is the file that CONSULTD_BENCH_FILE names (a Bundle or NDJSON with one Patient), or else
// one made here. Counters: resources and megabytes of input a second, and the peak of resident
// memory, which for one record in one process is that of the record.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "adapter/prepare.h"
#include "adapter/stages/intake/intake.h"

using namespace consultd;

namespace {

constexpr int made_observations = 5'000;

std::string made_record() {
    std::string lines = R"({"resourceType":"Patient","id":"p","name":[{"family":"Bench"}]})"
                        "\n";
    for (int i = 0; i < made_observations; ++i) {
        const std::string day = std::to_string(10 + i % 18);
        lines += R"({"resourceType":"Observation","id":"o)" + std::to_string(i) +
                 R"(","status":"final","category":[{"coding":[{"system":)"
                 R"("http://terminology.hl7.org/CodeSystem/observation-category","code":)"
                 R"("laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":)"
                 R"("2160-0","display":"Creatinine"}]},"subject":{"reference":"Patient/p"},)"
                 R"("effectiveDateTime":"20)" +
                 day + "-05-" + day + R"(","valueQuantity":{"value":)" + std::to_string(i % 9) +
                 R"(.40,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}})"
                 "\n";
    }
    return lines;
}

const std::string& text() {
    static const std::string read = [] {
        const char* const file = std::getenv("CONSULTD_BENCH_FILE");
        if (file == nullptr) return made_record();
        std::ifstream in(file, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    }();
    return read;
}

const Instant as_of(std::chrono::seconds(1'795'000'000));

fhir::Json consent_for(const std::string& patient) {
    return *fhir::Json::parse(R"({"resourceType":"Consent","status":"active","scope":{"coding":[
        {"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
        "category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
        "patient":{"reference":")" +
                              patient + R"("},"dateTime":"2026-11-01",
        "policy":[{"uri":"http://example.org/policy"}],"provision":{"type":"permit"}})");
}

[[noreturn]] void give_up(const Error& error) {
    std::fprintf(stderr, "prepare_bench: %s\n", error.message().c_str());
    std::exit(1);
}

Result<Record> read_record(const fhir::Json& consent) {
    TRY_ASSIGN(const std::vector<InputDocument> documents, parse_input("-", text()));
    return record_from(documents, consent, as_of);
}

double peak_megabytes() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

void count(benchmark::State& state, std::size_t resources) {
    const auto runs = static_cast<double>(state.iterations());
    state.counters["resources"] = static_cast<double>(resources);
    state.counters["resources/s"] =
        benchmark::Counter(runs * static_cast<double>(resources), benchmark::Counter::kIsRate);
    state.counters["MB/s"] = benchmark::Counter(runs * static_cast<double>(text().size()) / 1e6,
                                                benchmark::Counter::kIsRate);
    state.counters["input_MB"] = static_cast<double>(text().size()) / 1e6;
    state.counters["peak_MB"] = peak_megabytes();
}

std::string patient() {
    const Result<Record> record = read_record({});
    if (!record) give_up(record.error());
    return record->patient;
}

void read_input(benchmark::State& state) {
    const fhir::Json consent = consent_for(patient());
    std::size_t resources = 0;
    for (auto _ : state) {
        const Result<Record> record = read_record(consent);
        if (!record) give_up(record.error());
        resources = record->resources.size();
    }
    count(state, resources);
}
BENCHMARK(read_input)->Unit(benchmark::kMillisecond);

void prepare_packet(benchmark::State& state) {
    const fhir::Json consent = consent_for(patient());
    const Result<Record> record = read_record(consent);
    if (!record) give_up(record.error());
    const Request request{.transfer_id = "0b9f3c1e-7a55-4a57-9f0e-3f6f0f1d2c3b",
                          .source_name = "General Hospital",
                          .destination_name = "Cancer Center",
                          .as_of = as_of};
    const Knowledge knowledge = built_in_knowledge();
    std::size_t bytes = 0;
    for (auto _ : state) {
        const Result<Prepared> prepared = prepare(*record, consent, request, knowledge);
        if (!prepared) give_up(prepared.error());
        bytes = prepared->packet.bundle.print().size() + prepared->packet.html.size() +
                prepared->ledger.ndjson(prepared->counts.pulled).size();
    }
    count(state, record->resources.size());
    state.counters["output_MB"] = static_cast<double>(bytes) / 1e6;
}
BENCHMARK(prepare_packet)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
