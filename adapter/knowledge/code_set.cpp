#include "adapter/knowledge/code_set.h"

#include <algorithm>

namespace consultd {

using fhir::JsonView;

namespace {

// Those of this code, whatever their system.
auto of_code(const std::vector<CodeSet::Code>& codes, std::string_view code) {
    return std::ranges::equal_range(
        codes, code, {}, [](const CodeSet::Code& one) { return std::string_view(one.code); });
}

template <class Is>
bool any_coding(JsonView concepts, Is is) {
    for (const JsonView one : concepts.items())
        if (any_coding(one, is)) return true;
    for (const JsonView coding : concepts["coding"].items())
        if (is(coding["system"].string(), coding["code"].string())) return true;
    return false;
}

}  // namespace

CodeSet::CodeSet(JsonView codes_by_system) {
    for (const fhir::JsonMember& system : codes_by_system.members())
        for (const JsonView code : system.value.items())
            codes_.push_back({std::string(code.string()), std::string(system.name())});
    std::ranges::sort(codes_);
}

void CodeSet::add(const CodeSet& more) {
    codes_.insert(codes_.end(), more.codes_.begin(), more.codes_.end());
    std::ranges::sort(codes_);
}

bool CodeSet::holds(std::string_view system, std::string_view code) const {
    return std::ranges::any_of(of_code(codes_, code),
                               [&](const Code& one) { return one.system == system; });
}

bool CodeSet::may_hold(std::string_view system, std::string_view code,
                       const NamedSystems& named) const {
    return std::ranges::any_of(of_code(codes_, code),
                               [&](const Code& one) { return named.may_be(system, one.system); });
}

bool CodeSet::is_in(JsonView concepts) const {
    return !empty() && any_coding(concepts, [&](std::string_view system, std::string_view code) {
        return holds(system, code);
    });
}

bool CodeSet::may_be_in(JsonView concepts, const NamedSystems& named) const {
    return !empty() && any_coding(concepts, [&](std::string_view system, std::string_view code) {
        return may_hold(system, code, named);
    });
}

CodeSet read_codes(const KnowledgeFile& file, std::string_view path, JsonView codes_by_system,
                   NamedSystems& named, KnowledgeProblems& problems) {
    for (const fhir::JsonMember& system : codes_by_system.members()) {
        if (system.name().find(':') == std::string_view::npos)
            problems.add(file, path, "has codes under what is no system's URI");
        named.add(system.name());
    }
    return CodeSet(codes_by_system);
}

}  // namespace consultd
