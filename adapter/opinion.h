// Opinion: what came back, version by version, in whatever form the other side gave it, as it is
// kept sealed: the Task with all of its output, and the resources that this leads to. Nothing of it
// is judged or changed here. https://hl7.org/fhir/R4/task-definitions.html#Task.output
#pragma once

#include <string>
#include <vector>

#include "fhir/base/clock.h"
#include "fhir/json.h"

namespace consultd {

// One thing that can be read by itself.
struct OpinionItem {
    std::string form;          // "DocumentReference", "Attachment", "text" …
    std::string title;         // as they call it; may be empty
    std::string content_type;  // of the bytes; empty where there are none
    std::string bytes;
    std::string author = {}, written = {};  // who wrote it, and a FHIR date; empty: not said
    std::string standing = {};  // the word of what it is of, where it is not final: "preliminary"
};

// ".pdf": of a name of ours for bytes of theirs; what a browser would run is no page here.
std::string_view suffix_of(std::string_view content_type);

class Opinion {
public:
    Opinion();  // nothing came back yet
    // What text() gave. Corrupt: it is none.
    static Result<Opinion> parse(std::string text);
    std::string text() const { return json_.print(); }

    std::size_t versions() const { return json_["versions"].size(); }
    // One more version, where it says something else than the newest; false: it says the same.
    bool add(const fhir::Json& task, const std::vector<fhir::Json>& resources, Instant taken);

    // Of one version, the newest where none is named: when it was taken; a collection Bundle of the
    // Task and its resources; what there is to read.
    std::string taken() const { return taken(versions() - 1); }
    std::string taken(std::size_t version) const;
    fhir::Json bundle() const { return bundle(versions() - 1); }
    fhir::Json bundle(std::size_t version) const;
    std::vector<OpinionItem> items(std::size_t version) const;

private:
    explicit Opinion(fhir::Json json) : json_(std::move(json)) {}
    fhir::JsonView version(std::size_t number) const { return json_["versions"].items()[number]; }
    fhir::Json json_;  // {"versions":[{"taken":…,"task":{…},"resources":[…]}]}
};

// Whether a Task has any output that may be an opinion.
bool has_output(fhir::JsonView task);

}  // namespace consultd
