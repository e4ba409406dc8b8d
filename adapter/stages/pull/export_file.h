// ExportFile: one file of an export, line by line: whose a resource is decides whether it becomes a
// candidate. Holds one line at a time and what is kept; sends nothing.
// https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-output-file-organization
#pragma once

#include <map>
#include <set>
#include <string>

#include "adapter/stages/candidates/candidates.h"
#include "fhir/client/ndjson_lines.h"

namespace consultd {

class ExportFile {
public:
    // Asked: the export was asked for our patient alone, so what is another's is a leak: rejected
    // by name, up to `leaks_max`. Expected: it is a group's, and the others are none of our
    // business.
    enum class Others { AreLeaks, AreExpected };
    static constexpr std::int64_t leaks_max = 100;

    // `type`: of the manifest; may be empty.
    ExportFile(Candidates& candidates, std::string_view type, Others others, std::size_t line_max);

    // A piece of the file. Forbidden, with the gap "not-narrowed": more leaks than that. TooLarge:
    // as Candidates::add.
    Status feed(std::string_view piece) { return lines_.feed(piece); }
    Status finish() { return lines_.finish(); }

    std::int64_t lines() const { return lines_.lines(); }
    std::int64_t broken() const { return broken_ + lines_.too_long(); }  // no JSON, or too long
    // Of our patient, "Type/id".
    const std::map<std::string, std::set<std::string>>& ids() const { return ids_; }
    // What came of it, for whoever keeps it: as it is read back by read_kept().
    std::string kept() const;
    Status read_kept(std::string_view text);

private:
    bool is_clearly_anothers(std::string_view line) const;
    Status take(std::string line);
    Status add(fhir::Json json);
    bool is_for_us(const Incoming& incoming, const fhir::Resource& resource, Belonging belonging);

    Candidates& candidates_;
    Others others_;
    bool is_of_patients_;  // its resources say whom they are about
    fhir::NdjsonLines lines_;
    std::optional<Reach> reach_;  // made when it is first needed
    std::string kept_;
    std::int64_t broken_ = 0, leaks_ = 0;
    bool is_read_back_ = false;
    std::map<std::string, std::set<std::string>> ids_;
};

// The order in which files are read, so that what leads to a shared resource comes before it.
int reading_order(std::string_view type);

}  // namespace consultd
