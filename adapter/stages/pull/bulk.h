// Bulk: the patient's record by $export: asked for, waited for without a thread, read file by file
// in bounded memory, and ended at the source. What it brings is the source's own word for the
// record, and is checked as that of Patient/$everything is.
// https://hl7.org/fhir/uv/bulkdata/STU3/export.html
#pragma once

#include <set>
#include <string>
#include <vector>

#include "adapter/stages/pull/brought.h"
#include "adapter/stages/pull/conversation.h"
#include "adapter/stages/pull/export_file.h"
#include "fhir/client/bulk_export.h"

namespace consultd {

class Bulk {
public:
    // To its end, once. What fails for good is a gap. RateLimited: the source is at work on it, or
    // wants to be left alone; a later run goes on. Other errors as Searches::run.
    Status run(PullConversation& conversation, const std::string& patient_id,
               const fhir::Call& call);
    // Nobody will come for it: the source may forget it.
    void abandon(PullConversation& conversation, const fhir::Call& call);

    const Brought& brought() const { return brought_; }

private:
    enum class Went { On, Gone };  // Gone: the export, or its files, have expired

    Status begin(PullConversation& conversation, const fhir::Call& call);
    Result<Went> read_manifest(PullConversation& conversation, const fhir::Call& call);
    // A source that is never ready is waited for until then; absent: it is too late.
    std::optional<Error> come_back(const PullConversation& conversation, const Error& error) const;
    Result<Went> read_files(PullConversation& conversation, const fhir::Call& call);
    Result<Went> read_file(PullConversation& conversation, const std::string& name,
                           const fhir::BulkFile& file, const fhir::Call& call);
    Status read_once(PullConversation& conversation, const fhir::BulkFile& file, ExportFile& lines,
                     const fhir::Call& call);
    // The source may have put it elsewhere. Gone: it has not.
    Result<Went> look_again(PullConversation& conversation, const fhir::Call& call);
    Status read_notices(PullConversation& conversation, const fhir::Call& call);
    Status read_small(PullConversation& conversation, const fhir::BulkFile& file,
                      const std::function<void(const fhir::Json&)>& take, const fhir::Call& call);
    void note(const fhir::BulkFile& file, const ExportFile& lines);
    void spoil(PullConversation& conversation, const std::string& type, StaticText reason);
    std::string label(const std::string& type) const;
    std::optional<StaticText> foreign(const PullConversation& conversation,
                                      const fhir::BulkFile& file) const;

    Brought brought_{.how = "export"};
    std::vector<fhir::BulkQuestion> questions_;  // left to ask, the best last
    fhir::BulkQuestion asked_;
    std::optional<fhir::Url> status_;
    Instant begun_at_{};
    std::optional<fhir::BulkManifest> manifest_;
    std::set<std::string> read_;          // files, "Observation#0"
    std::set<std::string> looked_again_;  // for those
    int failures_ = 0;
    std::map<std::string, int> damaged_;  // files that came so
    bool is_second_turn_ = false;
};

}  // namespace consultd
