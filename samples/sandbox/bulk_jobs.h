// BulkJobs: the exports of a source that speaks Bulk Data, made when they are asked for and kept
// until they are deleted. Knows no tokens and no sockets.
// https://hl7.org/fhir/uv/bulkdata/STU3/export.html
#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapter/web/server/server.h"
#include "samples/sandbox/habits.h"
#include "samples/sandbox/store.h"

namespace consultd::sandbox {

class BulkJobs {
public:
    explicit BulkJobs(BulkHabits habits) : habits_(habits) {}

    // Below [base]: Patient/$export, Group/[id]/$export. `group`: empty for all patients.
    web::ServerResponse start(const web::ServerRequest& request, const std::string& group,
                              const Store& store, const std::string& origin);
    // /bulk/JOB, the status; /bulk/JOB/N, a file. Its path without "/bulk/".
    web::ServerResponse answer(const web::ServerRequest& request, std::string_view path,
                               const std::string& origin);
    // Whether a request there must bring a token, or must not.
    bool needs_token(std::string_view path) const {
        return path.find('/') == std::string_view::npos || !habits_.files_open;
    }
    std::size_t ended() const { return ended_; }  // deleted by whoever asked for them

private:
    struct File {
        std::string type, text;
        std::int64_t count = 0;
    };
    struct Job {
        std::vector<File> files;
        long polls = 0;
    };
    Job make(const Store& store, const std::vector<std::string>& patients) const;
    web::ServerResponse status_of(Job& job, const std::string& id, const std::string& origin);

    const BulkHabits habits_;
    std::map<std::string, Job> jobs_;
    std::size_t begun_ = 0, ended_ = 0;
};

}  // namespace consultd::sandbox
