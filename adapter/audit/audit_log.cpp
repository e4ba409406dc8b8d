#include "adapter/audit/audit_log.h"

#include <condition_variable>

#include "adapter/audit/scan.h"
#include "adapter/audit/tree_reader.h"

namespace consultd::audit {
namespace {

std::function<void(std::string_view)>& crash_point_hook() {
    static std::function<void(std::string_view)> hook;
    return hook;
}

void crash_point(std::string_view name) {
    if (crash_point_hook()) crash_point_hook()(name);
}

// Entries that become durable in one commit.
struct Batch {
    std::vector<std::string> entries;
    std::uint64_t first = 0;  // the index of the first one
    bool done = false;
    std::optional<Error> failure;  // of a batch that is done: it is not in the log
};

bool had_no_room(const Error& error) { return error.number("no-room").has_value(); }

Error log_is_closed() {
    return Error(ErrorKind::Storage, "the audit log did not take a write and takes no more");
}

// Config: this key cannot sign for a log of this name.
Status may_write(const std::string& origin, const crypto::Key& key) {
    if (!key.is_private() || key.type() != crypto::Key::Type::Ed25519)
        return Error(ErrorKind::Config, "the audit key is no Ed25519 private key");
    if (!is_key_name(origin))
        return Error(ErrorKind::Config, "the audit origin is empty or has a space or '+'");
    return {};
}

}  // namespace

struct AuditLog::State {
    State(DurableFolder files, Descriptor lock_held, std::string name, crypto::Key signing_key)
        : folder(std::move(files)),
          lock(std::move(lock_held)),
          origin(std::move(name)),
          key(std::move(signing_key)) {}

    DurableFolder folder;  // written by the one thread that commits, read under `mutex`
    const Descriptor lock;
    const std::string origin;
    const crypto::Key key;
    RightEdge edge;  // the committing thread's alone

    mutable std::mutex mutex;  // guards what follows, and the removal of superseded files
    std::condition_variable committed;
    std::shared_ptr<Batch> waiting = std::make_shared<Batch>();
    bool committing = false;
    bool failed = false;
    Checkpoint head;
    std::string note;

    Status write_checkpoint(const Checkpoint& checkpoint, const std::string& signed_note);
    Status commit(const Batch& batch);
    Status write_batch(const Batch& batch);
};

// The commit point is the rename. The caller has made durable all that the checkpoint counts.
Status AuditLog::State::write_checkpoint(const Checkpoint& checkpoint,
                                         const std::string& signed_note) {
    // If we die here: the old checkpoint is in force, the new files are leftovers nobody reads.
    TRY(folder.write("checkpoint.tmp", signed_note));
    crash_point("audit.checkpoint-written");
    // If we die here: the same, and a checkpoint.tmp that the next commit overwrites.
    TRY(folder.rename("checkpoint.tmp", "checkpoint"));
    crash_point("audit.checkpoint-renamed");
    // If we die here: either checkpoint may be in force, each with all of its files; nobody was
    // told that the new entries are in the log.
    TRY(folder.sync_folders());
    crash_point("audit.checkpoint-durable");
    const std::lock_guard guard(mutex);
    head = checkpoint;
    note = signed_note;
    return {};
}

Status AuditLog::State::commit(const Batch& batch) {
    const RightEdge before = edge;
    const Status written = write_batch(batch);
    // Leftovers past the checkpoint, which the next commit writes over: as if it had not begun.
    if (!written && had_no_room(written.error())) edge = before;
    return written;
}

Status AuditLog::State::write_batch(const Batch& batch) {
    const Growth growth = grow(edge, batch.entries);
    // If we die here: nothing of the batch is on the disk, and nobody was told that it is.
    for (const TileFile& file : growth.entries) TRY(folder.write(file.path, file.bytes));
    crash_point("audit.entries-written");
    // If we die here: entries without hashes, past the checkpoint: leftovers.
    for (const TileFile& file : growth.hashes) TRY(folder.write(file.path, file.bytes));
    TRY(folder.sync_folders());
    crash_point("audit.tiles-written");
    const Checkpoint checkpoint{origin, edge.size, edge.root()};
    TRY(write_checkpoint(checkpoint, sign_checkpoint(checkpoint, key)));
    // If we die here: the batch is in the log; partial tiles of smaller trees stay until their tile
    // grows again. They are removed under the mutex, for readers of the old size look for them.
    const std::lock_guard guard(mutex);
    for (const Growth::Superseded& old : growth.superseded)
        folder.clear_folder(old.folder, old.keep);
    return {};
}

AuditLog::AuditLog(std::unique_ptr<State> state) : state_(std::move(state)) {}
AuditLog::~AuditLog() = default;

Result<std::unique_ptr<AuditLog>> AuditLog::open(const std::string& folder,
                                                 const std::string& origin, const crypto::Key& key,
                                                 const Opening& opening) {
    TRY(may_write(origin, key));
    TRY_ASSIGN(DurableFolder files, DurableFolder::open_or_make(folder));
    return open(std::move(files), origin, key, opening);
}

Result<std::unique_ptr<AuditLog>> AuditLog::open(DurableFolder folder, const std::string& origin,
                                                 const crypto::Key& key, const Opening& opening) {
    TRY(may_write(origin, key));
    TRY_ASSIGN(Descriptor lock, folder.lock("lock"));
    auto state = std::make_unique<State>(std::move(folder), std::move(lock), origin, key);
    // A log begins with the signed checkpoint of the empty tree, before any tile is written. So
    // tiles without a checkpoint are a log whose checkpoint was taken away.
    const bool had_entries = opening.seen && opening.seen->size > 0;
    if (!had_entries && !state->folder.exists("checkpoint") && !state->folder.exists("tile")) {
        const Checkpoint empty{origin, 0, empty_root()};
        TRY(state->write_checkpoint(empty, sign_checkpoint(empty, key)));
    }
    const Visit visit = [&](std::uint64_t index, std::string_view entry) {
        if (opening.visit) opening.visit(index, entry);
        return true;
    };
    TRY_ASSIGN(Scanned scanned, scan(state->folder, origin, key, opening.seen, visit));
    if (const Verification& verified = scanned.verification; !verified.ok()) {
        Error error(ErrorKind::Corrupt, verified.problem);
        if (!verified.bad_entry) return error;
        return std::move(error).with("entry", static_cast<std::int64_t>(*verified.bad_entry));
    }
    state->head = std::move(scanned.checkpoint);
    state->note = std::move(scanned.note);
    state->edge = std::move(scanned.edge);
    // What a crash left in doubt is made certain before anybody builds on it: the checkpoint we
    // have read may be a rename that never reached the disk.
    TRY(state->folder.sync_top());
    return std::unique_ptr<AuditLog>(new AuditLog(std::move(state)));
}

Result<std::uint64_t> AuditLog::append(std::string_view entry) {
    if (entry.size() > entry_bytes_max)
        return Error(ErrorKind::TooLarge, "an audit entry is over 65,535 bytes")
            .with("bytes", static_cast<std::int64_t>(entry.size()));
    State& state = *state_;
    std::unique_lock lock(state.mutex);
    if (state.failed) return log_is_closed();
    const std::shared_ptr<Batch> batch = state.waiting;
    const std::size_t place = batch->entries.size();
    batch->entries.emplace_back(entry);
    state.committed.wait(lock, [&] { return batch->done || !state.committing; });
    if (!batch->done && state.failed) return log_is_closed();
    if (!batch->done) {
        // Nobody commits: this thread does, for all whose entries came together meanwhile.
        state.waiting = std::make_shared<Batch>();
        state.committing = true;
        batch->first = state.head.size;
        lock.unlock();
        const Status committed = state.commit(*batch);
        lock.lock();
        if (!committed) batch->failure = committed.error();
        batch->done = true;
        state.committing = false;
        state.failed = !committed && !had_no_room(committed.error());
        state.committed.notify_all();
    }
    if (batch->failure) return had_no_room(*batch->failure) ? *batch->failure : log_is_closed();
    return batch->first + place;
}

std::uint64_t AuditLog::size() const {
    const std::lock_guard guard(state_->mutex);
    return state_->head.size;
}

std::string AuditLog::checkpoint() const {
    const std::lock_guard guard(state_->mutex);
    return state_->note;
}

Result<Included> AuditLog::included(std::uint64_t index) const {
    const std::lock_guard guard(state_->mutex);
    const Checkpoint& head = state_->head;
    if (index >= head.size) return Error(ErrorKind::NotFound, "the log has no such entry");
    TreeReader reader(state_->folder, head.size);
    TRY_ASSIGN(std::string entry, reader.entry(index));
    TRY_ASSIGN(std::vector<Hash> proof, reader.inclusion_proof(index));
    if (!verify_inclusion(leaf_hash(entry), index, head.size, proof, head.root))
        return Error(ErrorKind::Corrupt, "an audit entry is not the one that was signed")
            .with("entry", static_cast<std::int64_t>(index));
    return Included{std::move(entry), std::move(proof), state_->note};
}

Result<std::string> AuditLog::entry(std::uint64_t index) const {
    TRY_ASSIGN(Included found, included(index));
    return std::move(found.entry);
}

Result<std::vector<Hash>> AuditLog::prove(std::uint64_t index) const {
    TRY_ASSIGN(Included found, included(index));
    return std::move(found.proof);
}

void AuditLog::set_crash_point_hook(std::function<void(std::string_view)> hook) {
    crash_point_hook() = std::move(hook);
}

}  // namespace consultd::audit
