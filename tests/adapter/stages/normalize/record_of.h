// record_of: a Record as the pull or the command line would make it, for the tests of this stage.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "adapter/stages/record.h"

namespace consultd {

inline fhir::Json parse_json(std::string_view text) {
    auto parsed = fhir::Json::parse(std::string(text));
    EXPECT_TRUE(parsed.ok()) << text;
    return parsed.ok() ? *parsed : fhir::Json();
}

inline void add_resource(Record& record, fhir::Json json, std::string full_url = "") {
    auto resource = fhir::Resource::from(std::move(json));
    ASSERT_TRUE(resource.ok());
    std::string source = resource->id().empty() ? full_url : resource->key();
    record.resources.push_back({std::move(source), std::move(full_url), *std::move(resource)});
    std::sort(record.resources.begin(), record.resources.end(),
              [](const auto& left, const auto& right) { return left.source < right.source; });
}

inline void add_text(Record& record, std::string_view text, std::string full_url = "") {
    add_resource(record, parse_json(text), std::move(full_url));
}

inline Record record_of_bundle(const fhir::Json& bundle) {
    Record record;
    const fhir::Json entries = bundle.get("entry");
    for (const fhir::JsonView entry : entries.items())
        add_resource(record, entries.share(entry["resource"]),
                     std::string(entry["fullUrl"].string()));
    return record;
}

}  // namespace consultd
