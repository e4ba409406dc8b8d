#include "adapter/stages/pull/bulk.h"

#include <algorithm>

namespace consultd {
namespace {

using fhir::BulkFile;
using fhir::BulkQuestion;
using fhir::Json;

constexpr std::string_view ndjson = "application/fhir+ndjson";
constexpr std::uint64_t file_bytes_max = std::uint64_t{1} << 40;  // none of it is held
constexpr int damaged_max = 2, cut_max = 3;

// Not offered so, which another question may be.
bool is_refusal(const Error& error) {
    constexpr std::array<std::int64_t, 8> statuses = {400, 404, 405, 406, 410, 415, 422, 501};
    const auto status = error.number("status");
    return status && std::ranges::count(statuses, *status) > 0;
}

bool has_expired(const Error& error) {
    const auto status = error.number("status");
    return status == 404 || status == 410 || status == 403;
}

fhir::Call of_server(fhir::Call call) {
    call.from = fhir::Call::From::Server;
    return call;
}

fhir::HttpRequest request_for(const BulkFile& file) {
    fhir::HttpRequest request;
    request.url = file.url;
    request.headers.add("Accept", std::string(ndjson));
    return request;
}

}  // namespace

Status Bulk::run(PullConversation& conversation, const std::string& patient_id,
                 const fhir::Call& call) {
    const auto prepare = [&](BulkQuestion::Turn turn) {
        const std::string patient = "Patient/" + patient_id;
        const std::string& group = conversation.settings.group;
        using By = BulkQuestion::By;
        questions_ = {{"", patient, By::Post, turn}};
        if (group.empty()) return;
        questions_.push_back({group, patient, By::Get, turn});
        questions_.push_back({group, patient, By::Post, turn});
    };
    if (!status_ && questions_.empty() && !brought_.is_read) prepare(BulkQuestion::Turn::First);
    while (!brought_.is_read) {
        if (!status_) TRY(begin(conversation, call));
        if (!status_) continue;
        Result<Went> went = read_manifest(conversation, call);
        if (went && *went == Went::On && !brought_.is_read) went = read_files(conversation, call);
        if (!went) return went.error();
        if (*went == Went::On) {
            if (!brought_.is_read) TRY(read_notices(conversation, call));
            brought_.is_read = true;
        } else if (std::exchange(is_second_turn_, true)) {
            spoil(conversation, "", "http-410");
            brought_.is_read = true;
        } else {
            prepare(BulkQuestion::Turn::Second);
            status_.reset();
            manifest_.reset();
            read_.clear();
            looked_again_.clear();
        }
    }
    abandon(conversation, call);
    return {};
}

void Bulk::abandon(PullConversation& conversation, const fhir::Call& call) {
    if (!status_) return;
    conversation.count_request();
    // Whoever keeps what was begun says it again, where it was not heard.
    (void)fhir::end_export(conversation.client, *std::exchange(status_, std::nullopt),
                           of_server(call));
}

// Where nothing is left to ask, it is read to its end with nothing.
Status Bulk::begin(PullConversation& conversation, const fhir::Call& call) {
    asked_ = questions_.back();
    conversation.count_request();
    const auto begun = fhir::start_export(conversation.client, asked_, call);
    if (!begun && ends_run(begun.error(), ++failures_)) return begun.error();
    failures_ = 0;
    questions_.pop_back();
    if (begun) {
        status_ = begun->status;
        begun_at_ = conversation.client.clock().now() - begun->age;
        return {};
    }
    if (!questions_.empty() && is_refusal(begun.error())) return {};
    spoil(conversation, "", gap_reason(begun.error()));
    brought_.is_read = true;
    return {};
}

Result<Bulk::Went> Bulk::read_manifest(PullConversation& conversation, const fhir::Call& call) {
    if (manifest_) return Went::On;
    conversation.count_request();
    Result<fhir::BulkManifest> manifest =
        fhir::export_manifest(conversation.client, *status_, call);
    if (manifest) {
        failures_ = 0;
        manifest_ = *std::move(manifest);
        std::ranges::stable_sort(manifest_->output, {},
                                 [](const BulkFile& file) { return reading_order(file.type); });
        return Went::On;
    }
    if (manifest.error().kind() == ErrorKind::NotFound) return Went::Gone;
    const bool is_at_work = manifest.error().number("progress").has_value();
    const auto later = is_at_work ? come_back(conversation, manifest.error()) : std::nullopt;
    if (later) return *later;
    if (!is_at_work && ends_run(manifest.error(), ++failures_)) return manifest.error();
    spoil(conversation, "", is_at_work ? StaticText("not-ready") : gap_reason(manifest.error()));
    brought_.is_read = true;
    return Went::On;
}

std::optional<Error> Bulk::come_back(const PullConversation& conversation,
                                     const Error& error) const {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(
        begun_at_ + conversation.settings.export_within - conversation.client.clock().now());
    if (left.count() <= 0) return std::nullopt;
    const std::int64_t asked_s = error.number("retry_after_s").value_or(0);
    return Error(error.kind(), error.text())
        .with("retry_after_s", std::min<std::int64_t>(asked_s, left.count()))
        .with("progress", 1);
}

Result<Bulk::Went> Bulk::read_files(PullConversation& conversation, const fhir::Call& call) {
    std::map<std::string, int> of_type;
    for (std::size_t at = 0; at < manifest_->output.size(); ++at) {
        const BulkFile file = manifest_->output[at];
        const std::string name = file.type + "#" + std::to_string(of_type[file.type]++);
        if (read_.contains(name)) continue;
        if (const auto reason = foreign(conversation, file)) {
            spoil(conversation, file.type, *reason);
            read_.insert(name);
            continue;
        }
        TRY_ASSIGN(const Went went, read_file(conversation, name, file, call));
        if (went == Went::Gone) return went;
        if (brought_.is_read) return Went::On;
        // Asked for again at the place that it has now.
        if (!read_.contains(name)) {
            of_type.clear();
            at = static_cast<std::size_t>(-1);
        }
    }
    return Went::On;
}

Result<Bulk::Went> Bulk::read_file(PullConversation& conversation, const std::string& name,
                                   const BulkFile& file, const fhir::Call& call) {
    const auto others = asked_.by == BulkQuestion::By::Get ? ExportFile::Others::AreExpected
                                                           : ExportFile::Others::AreLeaks;
    ExportFile lines(*conversation.candidates, file.type, others,
                     conversation.limits.attachment_bytes * 2);
    const Status read = read_once(conversation, file, lines, call);
    if (!read && has_expired(read.error())) {
        if (looked_again_.insert(name).second) return look_again(conversation, call);
        spoil(conversation, file.type, gap_reason(read.error()));
        read_.insert(name);
        return Went::On;
    }
    if (!read && read.error().text("gap")) {  // of everybody
        spoil(conversation, "", *read.error().text("gap"));
        brought_.is_read = true;
        return Went::On;
    }
    const int damaged = !read || lines.broken() > 0 ? ++damaged_[name] : 0;
    if (!read && read.error().kind() == ErrorKind::TooLarge) return read.error();
    const bool is_cut = !read && lines.lines() > 0 && damaged >= cut_max;
    if (!read && !is_cut && ends_run(read.error(), damaged)) return read.error();
    if (damaged > 0 && damaged < damaged_max) return Went::On;
    if (!read) spoil(conversation, file.type, gap_reason(read.error()));
    if (read && lines.broken() > 0) spoil(conversation, file.type, "malformed-answer");
    if (read && file.count && *file.count > lines.lines())
        spoil(conversation, file.type, "fewer-than-total");
    note(file, lines);
    read_.insert(name);
    return Went::On;
}

Status Bulk::read_once(PullConversation& conversation, const BulkFile& file, ExportFile& lines,
                       const fhir::Call& call) {
    fhir::KeptAnswers* const keeper = conversation.client.kept();
    const fhir::HttpRequest key = request_for(file);
    if (keeper != nullptr) {
        TRY_ASSIGN(const auto kept, keeper->find(key));
        if (kept) return lines.read_kept(kept->body);
    }
    fhir::Call unbounded = call;
    unbounded.bytes_max = file_bytes_max;
    conversation.count_request();
    TRY(conversation.client.stream(
        file.url, std::string(ndjson),
        manifest_->requires_token ? fhir::FhirClient::Token::Send : fhir::FhirClient::Token::Keep,
        [&](std::string_view piece) { return lines.feed(piece); }, unbounded));
    TRY(lines.finish());
    const std::uint64_t held = conversation.candidates->size();
    conversation.progress.change([&](PullProgress& p) {
        ++p.pages;
        p.resources = held;
    });
    // What is another's is not kept, and what is broken is asked for again. If we die before this,
    // the file is read anew; after it, never.
    if (keeper == nullptr || lines.broken() > 0) return {};
    return keeper->keep(key, {200, {}, lines.kept()});
}

Result<Bulk::Went> Bulk::look_again(PullConversation& conversation, const fhir::Call& call) {
    manifest_.reset();
    return read_manifest(conversation, of_server(call));
}

std::optional<StaticText> Bulk::foreign(const PullConversation& conversation,
                                        const BulkFile& file) const {
    if (file.url.same_origin(conversation.client.base())) return std::nullopt;
    const auto& stores = conversation.settings.attachment_origins;
    const bool is_listed = std::ranges::any_of(
        stores, [&](const fhir::Url& store) { return file.url.same_origin(store); });
    if (is_listed && !manifest_->requires_token) return std::nullopt;
    return StaticText("other-origin");
}

// What is deleted, and what the source has to say of its own work.
Status Bulk::read_notices(PullConversation& conversation, const fhir::Call& call) {
    Candidates& candidates = *conversation.candidates;
    for (const BulkFile& file : manifest_->deleted)
        TRY(read_small(
            conversation, file,
            [&](const Json& bundle) {
                for (const fhir::JsonView entry : bundle["entry"].items())
                    if (entry.at("request", "method").string() == "DELETE")
                        if (const auto key =
                                candidates.addresses().key(entry.at("request", "url").string()))
                            candidates.add_deletion(*key, {.at = std::nullopt, .file = 1});
            },
            call));
    for (const BulkFile& file : manifest_->outcomes)
        TRY(read_small(
            conversation, file,
            [&](const Json& outcome) {
                const auto issues = issues_of(outcome);
                const auto lacks = [](const fhir::OperationOutcomeIssue& issue) {
                    return issue.is_error() || issue.code == "suppressed" ||
                           issue.code == "incomplete";
                };
                if (std::ranges::any_of(issues, lacks)) spoil(conversation, "", "suppressed");
            },
            call));
    return {};
}

Status Bulk::read_small(PullConversation& conversation, const BulkFile& file,
                        const std::function<void(const Json&)>& take, const fhir::Call& call) {
    if (const auto reason = foreign(conversation, file)) {
        spoil(conversation, "", *reason);
        return {};
    }
    fhir::NdjsonLines lines(fhir::JsonLimits().bytes_max, [&](std::string line) -> Status {
        if (const Result<Json> json = Json::parse(std::move(line)))
            take(*json);
        else
            spoil(conversation, "", "malformed-answer");
        return {};
    });
    fhir::Call unbounded = call;
    unbounded.bytes_max = file_bytes_max;
    conversation.count_request();
    Status read = conversation.client.stream(
        file.url, std::string(ndjson),
        manifest_->requires_token ? fhir::FhirClient::Token::Send : fhir::FhirClient::Token::Keep,
        [&](std::string_view piece) { return lines.feed(piece); }, unbounded);
    if (read) read = lines.finish();
    if (!read && ends_run(read.error(), ++damaged_[file.url.text()])) return read.error();
    if (!read) spoil(conversation, "", gap_reason(read.error()));
    return {};
}

void Bulk::note(const BulkFile& file, const ExportFile& lines) {
    for (const auto& [type, ids] : lines.ids()) {
        brought_.ids[type].insert(ids.begin(), ids.end());
        AskedSearch& asked =
            brought_.asked.try_emplace(type, AskedSearch{label(type), "answered"}).first->second;
        ++asked.pages;
        asked.ids = brought_.ids[type].size();
        if (file.count) asked.total = asked.total.value_or(0) + *file.count;
    }
}

void Bulk::spoil(PullConversation& conversation, const std::string& type, StaticText reason) {
    brought_.odd.insert(type);
    brought_.asked.try_emplace(type, AskedSearch{label(type), reason}).first->second.answer =
        reason;
    conversation.gaps.add(label(type), reason);
}

std::string Bulk::label(const std::string& type) const {
    const std::string of_all = asked_.group.empty() ? "Patient/$export" : "Group/$export";
    return type.empty() ? of_all : type + "/$export";
}

}  // namespace consultd
