// What the pure stages cost, as ratios to RapidJSON's bare DOM parse and print of the same bytes in
// the same run: validate, normalize and prepare from the text to the text, at one, two and four
// times the record. "x_bare" is the ratio; it should not grow with the size. How memory and single
// shapes of record grow, growth.py tells.
#include <benchmark/benchmark.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "adapter/prepare.h"
#include "adapter/stages/intake/intake.h"
#include "fhir/r4/validate.h"

using namespace consultd;

namespace {

using Clock = std::chrono::steady_clock;
const Instant as_of(std::chrono::seconds(1'795'000'000));

std::string concept_json(std::string_view system, const std::string& code,
                         const std::string& words) {
    return R"({"coding":[{"system":")" + std::string(system) + R"(","code":")" + code +
           R"(","display":")" + words + R"("}],"text":")" + words + R"("})";
}

// One resource of a visit, as servers write it.
std::string resource(int number) {
    const std::string id = std::to_string(number), day = std::to_string(10 + number % 18);
    const std::string visit =
        R"("encounter":{"reference":"Encounter/e)" + std::to_string(number / 10) + R"("})";
    const std::string head =
        R"("meta":{"versionId":"1","lastUpdated":"2024-05-)" + day + R"(T10:00:00Z"},)";
    const std::string us = R"("subject":{"reference":"Patient/p","display":"Bench, A"},)";
    switch (number % 10) {
        case 0:
            return R"({"resourceType":"Encounter","id":"e)" + std::to_string(number / 10) +
                   R"(",)" + head + us +
                   R"("status":"finished","class":{"system":)"
                   R"("http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"period":)"
                   R"({"start":"2024-05-)" +
                   day + R"(T09:00:00Z"}})";
        case 1:
            return R"({"resourceType":"Condition","id":"c)" + id + R"(",)" + head + us + visit +
                   R"(,"code":)" +
                   concept_json("http://snomed.info/sct", id,
                                "Finding " + std::to_string(number % 300)) +
                   R"(,"onsetDateTime":"2019-05-)" + day + R"("})";
        case 2:
            return R"({"resourceType":"MedicationRequest","id":"m)" + id + R"(",)" + head + us +
                   visit + R"(,"status":"active","intent":"order","medicationCodeableConcept":)" +
                   concept_json("http://www.nlm.nih.gov/research/umls/rxnorm",
                                std::to_string(number % 90),
                                "Drug " + std::to_string(number % 90)) +
                   R"(,"authoredOn":"2024-05-)" + day + R"("})";
        default:
            return R"({"resourceType":"Observation","id":"o)" + id + R"(",)" + head + us + visit +
                   R"(,"status":"final","category":[{"coding":[{"system":)"
                   R"("http://terminology.hl7.org/CodeSystem/observation-category","code":)"
                   R"("laboratory"}]}],"code":)" +
                   concept_json("http://loinc.org", std::to_string(2160 + number % 10) + "-0",
                                "Analyte " + std::to_string(number % 10)) +
                   R"(,"effectiveDateTime":"20)" + day + "-05-" + day +
                   R"(T09:12:00+02:00","valueQuantity":{"value":)" + std::to_string(number) +
                   R"(.40,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"},)"
                   R"("referenceRange":[{"low":{"value":0.60},"high":{"value":1.30}}]})";
    }
}

const std::string& record_text(int resources) {
    static std::map<int, std::string> made;
    std::string& text = made[resources];
    if (!text.empty()) return text;
    text = R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":)"
           R"({"resourceType":"Patient","id":"p","name":[{"family":"Bench"}]}})";
    for (int i = 0; i < resources; ++i)
        text.append(R"(,{"resource":)").append(resource(i)).append("}");
    return text += "]}";
}

std::size_t bare(const std::string& text) {
    rapidjson::Document document;
    document.Parse(text.data(), text.size());
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    document.Accept(writer);
    return buffer.GetSize();
}

double seconds_of_bare(const std::string& text) {
    double best = 1e9;
    for (int i = 0; i < 5; ++i) {
        const auto start = Clock::now();
        benchmark::DoNotOptimize(bare(text));
        best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
    }
    return best;
}

fhir::Json consent() {
    return *fhir::Json::parse(R"({"resourceType":"Consent","status":"active","scope":{"coding":[
        {"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
        "category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
        "patient":{"reference":"Patient/p"},"dateTime":"2026-11-01",
        "policy":[{"uri":"http://example.org/policy"}],"provision":{"type":"permit"}})");
}

[[noreturn]] void give_up(const Error& error) {
    std::fprintf(stderr, "whole_bench: %s\n", error.message().c_str());
    std::exit(1);
}

template <class T>
T or_give_up(Result<T> result) {
    if (!result) give_up(result.error());
    return *std::move(result);
}

std::size_t validate_all(const std::string& text) {
    std::size_t findings = 0;
    for (const InputDocument& document : or_give_up(parse_input("-", text)))
        findings += fhir::r4::validate(document.json).size();
    return findings;
}

std::size_t normalize_all(const std::string& text) {
    const Record record = or_give_up(record_from(or_give_up(parse_input("-", text)), {}, as_of));
    const Normalized normalized = or_give_up(normalize(record));
    std::string out;
    for (const PacketResource& one : normalized.resources) one.resource.json().print_to(out);
    return out.size();
}

std::size_t prepare_all(const std::string& text) {
    static const Knowledge knowledge = built_in_knowledge();
    const fhir::Json rules = consent();
    Record record = or_give_up(record_from(or_give_up(parse_input("-", text)), rules, as_of));
    const Prepared prepared =
        or_give_up(prepare(std::move(record), rules,
                           {.transfer_id = "0b9f3c1e-7a55-4a57-9f0e-3f6f0f1d2c3b",
                            .source_name = "General Hospital",
                            .destination_name = "Cancer Center",
                            .as_of = as_of},
                           knowledge));
    return prepared.packet.bundle.print().size() + prepared.packet.html.size() +
           prepared.ledger.ndjson(prepared.counts.pulled).size();
}

template <std::size_t (*work)(const std::string&)>
void run(benchmark::State& state) {
    const std::string& text = record_text(static_cast<int>(state.range(0)));
    const double unit = seconds_of_bare(text);
    const auto start = Clock::now();
    for (auto _ : state) benchmark::DoNotOptimize(work(text));
    const double taken = std::chrono::duration<double>(Clock::now() - start).count();
    state.counters["x_bare"] = taken / static_cast<double>(state.iterations()) / unit;
    state.counters["input_MB"] = static_cast<double>(text.size()) / 1e6;
}

void sizes(benchmark::internal::Benchmark* one) {
    one->Arg(10'000)->Arg(20'000)->Arg(40'000)->Unit(benchmark::kMillisecond);
}
BENCHMARK_TEMPLATE(run, bare)->Apply(sizes)->Name("rapidjson_bare");
BENCHMARK_TEMPLATE(run, validate_all)->Apply(sizes)->Name("validate");
BENCHMARK_TEMPLATE(run, normalize_all)->Apply(sizes)->Name("normalize");
BENCHMARK_TEMPLATE(run, prepare_all)->Apply(sizes)->Name("prepare");

}  // namespace

BENCHMARK_MAIN();
