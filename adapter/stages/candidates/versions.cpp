#include "adapter/stages/candidates/versions.h"

#include <algorithm>
#include <tuple>

namespace consultd {
namespace {

using fhir::JsonView;

// A content with what decides between it and others.
struct Content {
    const Candidate* candidate;
    std::string text;  // canonical
    std::optional<Instant> updated;
};

bool is_newer(const Content& left, const Content& right) {
    return std::tie(right.updated, left.text) < std::tie(left.updated, right.text);
}

// Distinct, the newest first. Of identical ones the one that says where it is from.
std::vector<Content> contents_of(const std::vector<Candidate>& candidates) {
    const bool has_whole =
        std::ranges::any_of(candidates, [](const Candidate& one) { return !one.is_part; });
    std::vector<Content> contents;
    for (const Candidate& one : candidates) {
        if (one.is_part && has_whole) continue;
        contents.push_back({&one, candidates.size() == 1 ? "" : one.json.print_canonical(),
                            parse_instant(one.json.at("meta", "lastUpdated").string())});
    }
    std::ranges::sort(contents, [](const Content& left, const Content& right) {
        if (left.text != right.text) return is_newer(left, right);
        return std::tie(right.candidate->is_at_home, right.candidate->full_url) <
               std::tie(left.candidate->is_at_home, left.candidate->full_url);
    });
    const auto same = [](const Content& left, const Content& right) {
        return left.text == right.text;
    };
    contents.erase(std::unique(contents.begin(), contents.end(), same), contents.end());
    return contents;
}

// Two Patients of one name who cannot be one person.
bool contradict(JsonView left, JsonView right) {
    const std::string_view one = left["birthDate"].string(), other = right["birthDate"].string();
    if (!one.starts_with(other) && !other.starts_with(one)) return true;
    bool share_system = false;
    for (const JsonView ours : left["identifier"].items())
        for (const JsonView theirs : right["identifier"].items()) {
            if (ours["system"].string() != theirs["system"].string()) continue;
            if (ours["value"].string() == theirs["value"].string()) return false;
            share_system = true;
        }
    return share_system;
}

bool are_two_people(const std::vector<Content>& contents) {
    const JsonView first = contents.front().candidate->json;
    return first["resourceType"].string() == "Patient" &&
           std::ranges::any_of(contents, [&](const Content& one) {
               return contradict(first, one.candidate->json);
           });
}

// Recorded by mistake, it says: https://hl7.org/fhir/R4/lifecycle.html
bool is_retracted(const Content& content) {
    const JsonView json = content.candidate->json;
    if (json["status"].string() == "entered-in-error") return true;
    const auto codings = json.at("verificationStatus", "coding").items();
    return std::ranges::any_of(
        codings, [](JsonView coding) { return coding["code"].string() == "entered-in-error"; });
}

bool newest_stands(const std::vector<Content>& contents) {
    return contents.back().updated && contents[0].updated != contents[1].updated;
}

bool is_deleted(const Content& newest, const std::optional<Deletion>& deletion) {
    if (!deletion) return false;
    if (deletion->at && newest.updated) return *newest.updated <= *deletion->at;
    // Without times: what stands after the deletion in its Bundle is older.
    return newest.candidate->file != deletion->file ||
           newest.candidate->position > deletion->position;
}

class Settling {
public:
    explicit Settling(const std::string& name) : name_(name) {}
    void add(const Content& content, std::optional<StaticText> rejected) {
        const std::string number = settled.empty() ? "" : "#" + std::to_string(settled.size() + 1);
        settled.push_back({name_ + number, content.candidate, rejected});
    }
    std::vector<Settled> settled;

private:
    const std::string& name_;
};

// Nothing says which of them holds: each goes by a name of its own, and a reader sees both. But
// what is said to be a mistake in one content is not live in another, and a person is one person.
void settle_apart(const std::vector<Content>& contents, bool is_one_resource, Settling& out) {
    const bool is_person = contents[0].candidate->json["resourceType"].string() == "Patient";
    const bool has_retraction = std::ranges::any_of(contents, is_retracted);
    const auto stands = [&](const Content& one) {
        return !is_one_resource || (!is_person && (!has_retraction || is_retracted(one)));
    };
    for (const Content& one : contents)
        if (stands(one)) out.add(one, std::nullopt);
    for (const Content& one : contents)
        if (!stands(one)) out.add(one, StaticText("version-conflict"));
}

// Of those that may be kept, as far as it can be decided.
void settle_kept(const std::vector<Content>& contents, const std::optional<Deletion>& deletion,
                 Settling& out) {
    const bool is_one_resource =
        std::ranges::all_of(contents, [](const Content& one) { return one.candidate->is_at_home; });
    if (is_deleted(contents[0], deletion)) {
        for (const Content& one : contents) out.add(one, StaticText("deleted"));
    } else if (contents.size() == 1) {
        out.add(contents[0], std::nullopt);
    } else if (newest_stands(contents) && !are_two_people(contents)) {
        for (const Content& one : contents)
            out.add(one,
                    &one == &contents[0] ? std::nullopt : std::optional(StaticText("superseded")));
    } else {
        settle_apart(contents, is_one_resource, out);
    }
}

}  // namespace

std::vector<Settled> settle(const std::string& name, const std::vector<Candidate>& candidates,
                            const std::optional<Deletion>& deletion) {
    std::vector<Content> kept, refused;
    bool is_one_resource = true;
    for (Content& one : contents_of(candidates)) {
        is_one_resource = is_one_resource && one.candidate->is_at_home;
        (one.candidate->refusal ? refused : kept).push_back(std::move(one));
    }
    Settling out(name);
    // What is not kept in one of its contents, is not kept in another.
    if (is_one_resource && !refused.empty()) {
        StaticText why = *refused.front().candidate->refusal;
        for (const Content& one : refused)
            if (one.candidate->refusal->view() == "wrong-patient") why = "wrong-patient";
        for (const Content& one : kept) out.add(one, why);
    } else if (!kept.empty()) {
        settle_kept(kept, deletion, out);
    }
    for (const Content& one : refused) out.add(one, one.candidate->refusal);
    return std::move(out.settled);
}

}  // namespace consultd
