#include "adapter/knowledge/code_set.h"

#include <algorithm>

#include "adapter/knowledge/code_form.h"

namespace consultd {

namespace {

using fhir::JsonView;

// Whether one of these has that code, and a system that is right.
template <class IsSystem>
bool any_of_code(const std::vector<CodeSet::Code>& codes, std::string_view code,
                 IsSystem is_system) {
    auto one = std::lower_bound(codes.begin(), codes.end(), code,
                                [](const CodeSet::Code& left, std::string_view right) {
                                    return left.code.compare(right) < 0;
                                });
    for (; one != codes.end() && one->code == code; ++one)
        if (is_system(one->system)) return true;
    return false;
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
    return any_of_code(codes_, code, [&](const std::string& own) { return own == system; });
}

bool CodeSet::may_hold(std::string_view system, std::string_view code,
                       const NamedSystems& named) const {
    return any_of_code(codes_, code,
                       [&](const std::string& own) { return named.may_be(system, own); });
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
        if (file.place.empty()) continue;  // what is built in stands as its source has it
        if (const std::string fault = system_fault(system.name()); !fault.empty())
            problems.add(file, path, "has codes under what " + fault);
        for (const JsonView code : system.value.items())
            if (const std::string fault = code_fault(system.name(), code.string()); !fault.empty())
                problems.add(file, path, "has what " + fault);
    }
    return CodeSet(codes_by_system);
}

}  // namespace consultd
