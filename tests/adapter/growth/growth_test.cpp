// Memory grows with the record and no faster, whatever the record is like. What is allocated is
// counted, not measured: the count is the same on every machine. (How time grows,
// tests/bench/growth.py measures.)
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <new>

#include "adapter/prepare.h"
#include "adapter/stages/intake/intake.h"

namespace {

std::atomic<std::size_t> allocated_bytes{0};  // in all
std::atomic<std::size_t> held_bytes{0}, held_bytes_most{0};

void* counted(std::size_t size) {
    allocated_bytes += size;
    void* const memory = std::malloc(size == 0 ? 1 : size);  // NOLINT
    if (!memory) throw std::bad_alloc();
    held_bytes += ::malloc_usable_size(memory);
    held_bytes_most = std::max(held_bytes_most.load(), held_bytes.load());
    return memory;
}
void give_back(void* memory) {
    held_bytes -= ::malloc_usable_size(memory);
    std::free(memory);  // NOLINT
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete[](void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }
void operator delete[](void* memory, std::size_t) noexcept { give_back(memory); }

namespace consultd {
namespace {

using fhir::Json;

std::string observation(int number, const std::string& more = "") {
    return R"({"resourceType":"Observation","id":"o)" + std::to_string(number) +
           R"(","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2160-0"}]},)"
           R"("subject":{"reference":"Patient/p"},"effectiveDateTime":"2020-05-01","valueQuantity":{)"
           R"("value":)" +
           std::to_string(number) + R"(,"unit":"mg/dL"})" + more + "}\n";
}

std::string condition(int number) {
    return R"({"resourceType":"Condition","id":"condition-)" + std::to_string(1'000'000 + number) +
           R"(","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F32.1"}],)"
           R"("text":"Major depressive disorder )" +
           std::to_string(number) + R"("},"subject":{"reference":"Patient/p"}})" + "\n";
}

Json consent(bool denies) {
    return *Json::parse(
        R"({"resourceType":"Consent","status":"active","scope":{"coding":[{"system":)"
        R"("http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},)"
        R"("category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],)"
        R"("patient":{"reference":"Patient/p"},"dateTime":"2026-11-01",)"
        R"("policy":[{"uri":"http://example.org/policy"}],"provision":{"type":"permit")" +
        std::string(denies ? R"(,"provision":[{"type":"deny","code":[{"coding":[{"system":)"
                             R"("http://hl7.org/fhir/sid/icd-10-cm","code":"F32"}]}]}])"
                           : "") +
        "}}");
}

struct Shape {
    const char* name;
    std::function<std::string(int count)> lines;
    bool denies = false;
};

template <class Line>
std::function<std::string(int)> each(Line line) {
    return [line](int count) {
        std::string out;
        for (int i = 0; i < count; ++i) out += line(i);
        return out;
    };
}

const std::string same_name = R"({"system":"urn:x","value":"same"})";
std::string derived_from(const std::string& what) { return R"(,"derivedFrom":[)" + what + "]"; }
std::string reference(int number) {
    return R"({"reference":"Observation/o)" + std::to_string(number) + R"("})";
}

const Shape shapes[] = {
    {"results", each([](int i) { return observation(i); })},
    {"one identifier for all, each refers to it", each([](int i) {
         return observation(i, R"(,"identifier":[)" + same_name + "]" +
                                   derived_from(R"({"identifier":)" + same_name + "}"));
     })},
    {"the same, and the consent denies some", each([](int i) {
         return (i % 2 == 0 ? condition(i) : std::string()) +
                observation(i, R"(,"identifier":[)" + same_name + "]" +
                                   derived_from(R"({"identifier":)" + same_name + "}"));
     }),
     true},
    {"a chain", each([](int i) { return observation(i, derived_from(reference(i + 1))); })},
    {"all refer to one", each([](int i) { return observation(i, derived_from(reference(0))); })},
    {"denied words in every note", each([](int i) {
         return condition(i) + observation(i, R"(,"note":[{"text":"major, a major event"}])");
     }),
     true},
    {"one resource with many parts",
     [](int count) {
         std::string parts;
         for (int i = 0; i < count; ++i)
             parts += (i == 0 ? "" : ",") +
                      std::string(R"({"code":{"text":"part"},"valueInteger":)") +
                      std::to_string(i) + "}";
         return observation(0, R"(,"component":[)" + parts + "]");
     }},
};

class GrowthTest : public testing::TestWithParam<Shape> {
protected:
    static std::size_t bytes_for(int count) {
        const Json rules = consent(GetParam().denies);
        const Instant as_of(std::chrono::seconds(1'795'000'000));
        const auto documents = parse_input("record.ndjson", R"({"resourceType":"Patient","id":"p"})"
                                                            "\n" +
                                                                GetParam().lines(count));
        const auto record = record_from(*documents, rules, as_of);
        static const Knowledge knowledge = built_in_knowledge();
        const std::size_t before = allocated_bytes;
        const auto prepared = prepare(
            *record, rules, {.transfer_id = "0b9f3c1e-7a55-4a57-9f0e-3f6f0f1d2c3b", .as_of = as_of},
            knowledge);
        EXPECT_TRUE(prepared.ok()) << (prepared.ok() ? "" : prepared.error().message());
        return allocated_bytes - before;
    }
};

TEST_P(GrowthTest, TwiceTheRecordTakesTwiceTheMemory) {
    const std::size_t once = bytes_for(1000), twice = bytes_for(2000);
    EXPECT_LT(static_cast<double>(twice), 2.2 * static_cast<double>(once)) << once << " " << twice;
}

// As an EHR writes results, with all that stands around a value.
std::string record_of_results(int count) {
    std::string lines = R"({"resourceType":"Patient","id":"p","name":[{"family":"Bench"}]})"
                        "\n";
    for (int i = 0; i < count; ++i) {
        const std::string number = std::to_string(i), code = std::to_string(2160 + i % 6) + "-0";
        lines += R"({"resourceType":"Observation","id":"result-)" + number +
                 R"(","meta":{"versionId":"1","lastUpdated":"2024-05-01T10:00:00Z","profile":)"
                 R"(["http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab"]},)"
                 R"("status":"final","category":[{"coding":[{"system":)"
                 R"("http://terminology.hl7.org/CodeSystem/observation-category","code":)"
                 R"("laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":")" +
                 code + R"(","display":"Analyte )" + code + R"("}],"text":"Analyte )" + code +
                 R"("},"subject":{"reference":"Patient/p","display":"Bench, A"},)"
                 R"("effectiveDateTime":"20)" +
                 std::to_string(10 + i % 14) + R"(-05-01","issued":"2024-05-01T10:00:00.000Z",)" +
                 R"("valueQuantity":{"value":)" + number +
                 R"(,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"},)"
                 R"("referenceRange":[{"low":{"value":10},"high":{"value":800},)"
                 R"("text":"10-800"}]})" +
                 "\n";
    }
    return lines;
}

// The most that is held at one moment from the text on, in times of that text.
template <class Work>
double times_held(const Work& work) {
    std::string text = record_of_results(4000);
    const auto size = static_cast<double>(text.size());
    const std::size_t before = held_bytes - text.capacity();
    held_bytes_most = held_bytes.load();
    const auto result = work(*parse_input("record.ndjson", std::move(text)));
    EXPECT_TRUE(result.ok());
    return static_cast<double>(held_bytes_most - before) / size;
}

constexpr Instant as_of(std::chrono::seconds(1'795'000'000));

TEST(HeldTest, ARecordIsNormalizedInFourTimesItsSize) {
    EXPECT_LT(times_held([](std::vector<InputDocument> documents) {
                  const auto record = record_from(std::move(documents), {}, as_of);
                  return normalize(*record, {}, Changes::Forget);
              }),
              4.0);
}

TEST(HeldTest, ARecordIsPreparedInEightTimesItsSize) {
    const Json rules = consent(false);
    const Knowledge knowledge = built_in_knowledge();
    EXPECT_LT(times_held([&](std::vector<InputDocument> documents) {
                  auto record = record_from(std::move(documents), rules, as_of);
                  return prepare(
                      *std::move(record), rules,
                      {.transfer_id = "0b9f3c1e-7a55-4a57-9f0e-3f6f0f1d2c3b", .as_of = as_of},
                      knowledge);
              }),
              8.0);
}

INSTANTIATE_TEST_SUITE_P(Shapes, GrowthTest, testing::ValuesIn(shapes), [](const auto& of) {
    std::string name(of.param.name);
    std::erase_if(name, [](char c) { return c == ','; });
    std::replace(name.begin(), name.end(), ' ', '_');
    return name;
});

}  // namespace
}  // namespace consultd
