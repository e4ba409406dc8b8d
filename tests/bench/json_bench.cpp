// Json against RapidJSON's own DOM and writer with their defaults, on the same bytes: the file that
// CONSULTD_BENCH_FILE names, or else a search page of about 5 MB made here. The design asks for no
// less than 0.6 of RapidJSON.
#include <benchmark/benchmark.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "fhir/json.h"

namespace {

using consultd::fhir::Json;

std::string observation(int number) {
    const std::string id = std::to_string(number);
    return R"({"fullUrl":"https://ehr.example/fhir/Observation/obs-)" + id +
           R"(","resource":{"resourceType":"Observation","id":"obs-)" + id +
           R"(","meta":{"versionId":"1","lastUpdated":"2024-05-01T10:00:00.000+00:00","profile":[)"
           R"("http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab"]},)"
           R"("status":"final","category":[{"coding":[{"system":)"
           R"("http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory",)"
           R"("display":"Laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":)"
           R"("2160-0","display":"Creatinine [Mass/volume] in Serum or Plasma"}],"text":)"
           R"("Creatinine \u2013 \"serum\""},"subject":{"reference":"Patient/p1"},)"
           R"("encounter":{"reference":"Encounter/enc-)" +
           id + R"("},"effectiveDateTime":"2024-05-01T09:12:00+02:00","valueQuantity":{"value":)" +
           std::to_string(number % 200) + R"(.40,"unit":"mg/dL","system":)" +
           R"("http://unitsofmeasure.org","code":"mg/dL"},"referenceRange":[{"low":{"value":0.60},)"
           R"("high":{"value":1.30},"text":"0.60-1.30"}]},"search":{"mode":"match"}})";
}

std::string made_page() {
    std::string page = R"({"resourceType":"Bundle","type":"searchset","entry":[)";
    for (int i = 0; page.size() < 5'000'000; ++i) {
        if (i != 0) page += ',';
        page += observation(i);
    }
    return page + "]}";
}

const std::string& page() {
    static const std::string text = [] {
        const char* const path = std::getenv("CONSULTD_BENCH_FILE");
        if (path == nullptr) return made_page();
        std::ifstream in(path, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    }();
    return text;
}

void count_bytes(benchmark::State& state) {
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(page().size()));
}

void parse_ours(benchmark::State& state) {
    for (auto _ : state) {
        auto json = Json::parse(page());  // takes its text: the copy is part of the price
        if (!json.ok()) return state.SkipWithError("not parsed");
        benchmark::DoNotOptimize(json->kind());
    }
    count_bytes(state);
}

void parse_rapidjson(benchmark::State& state) {
    for (auto _ : state) {
        rapidjson::Document document;
        document.Parse(page().data(), page().size());
        if (document.HasParseError()) return state.SkipWithError("not parsed");
        benchmark::DoNotOptimize(document.IsObject());
    }
    count_bytes(state);
}

void print_ours(benchmark::State& state) {
    const auto json = Json::parse(page());
    for (auto _ : state) benchmark::DoNotOptimize(json->print().size());
    count_bytes(state);
}

std::size_t print(const rapidjson::Document& document) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    document.Accept(writer);
    return buffer.GetSize();
}

void print_rapidjson(benchmark::State& state) {
    rapidjson::Document document;
    document.Parse(page().data(), page().size());
    for (auto _ : state) benchmark::DoNotOptimize(print(document));
    count_bytes(state);
}

void both_ours(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(Json::parse(page())->print().size());
    count_bytes(state);
}

void both_rapidjson(benchmark::State& state) {
    for (auto _ : state) {
        rapidjson::Document document;
        document.Parse(page().data(), page().size());
        benchmark::DoNotOptimize(print(document));
    }
    count_bytes(state);
}

BENCHMARK(parse_ours)->Unit(benchmark::kMillisecond);
BENCHMARK(parse_rapidjson)->Unit(benchmark::kMillisecond);
BENCHMARK(print_ours)->Unit(benchmark::kMillisecond);
BENCHMARK(print_rapidjson)->Unit(benchmark::kMillisecond);
BENCHMARK(both_ours)->Unit(benchmark::kMillisecond);
BENCHMARK(both_rapidjson)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
