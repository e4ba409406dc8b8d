#include "tests/simulation/disk.h"

#include <algorithm>

namespace consultd::simulation {
namespace {

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
}

Result<std::optional<std::string>> read_from(const Disk::Names& names, const std::string& path,
                                             std::size_t bytes_max) {
    const auto found = names.find(path);
    if (found == names.end()) return std::optional<std::string>();
    if (!found->second) return Error(ErrorKind::Corrupt, "a folder is no file");
    if (found->second->size() > bytes_max) return Error(ErrorKind::TooLarge, "the file is longer");
    return std::optional<std::string>(*found->second);
}

std::vector<std::string> names_in(const Disk::Names& names, const std::string& folder) {
    std::vector<std::string> found;
    for (const auto& [path, inode] : names)
        if (parent_of(path) == folder) found.push_back(path.substr(path.rfind('/') + 1));
    return found;
}

// What a reader finds, who writes nothing.
class View final : public audit::FileOperations {
public:
    explicit View(Disk::Names names) : names_(std::move(names)) {}
    Result<audit::Descriptor> lock(const char*) override { return audit::Descriptor(); }
    Result<std::optional<std::string>> read(const std::string& path,
                                            std::size_t bytes_max) const override {
        return read_from(names_, path, bytes_max);
    }
    bool exists(const std::string& path) const override { return names_.contains(path); }
    std::vector<std::string> names(const std::string& path) const override {
        return names_in(names_, path);
    }
    Status make_folder(const std::string&) override { return refused(); }
    Status write(const std::string&, std::string_view) override { return refused(); }
    Status rename(const char*, const char*) override { return refused(); }
    Status sync_folder(const std::string&) override { return refused(); }
    bool remove_file(const std::string&) override { return false; }
    bool remove_folder(const std::string&) override { return false; }

private:
    static Error refused() { return Error(ErrorKind::Storage, "nothing is written here"); }
    const Disk::Names names_;
};

}  // namespace

class SimFolder final : public audit::FileOperations {
public:
    explicit SimFolder(Disk& disk) : disk_(disk) {}
    Result<audit::Descriptor> lock(const char*) override { return audit::Descriptor(); }
    Result<std::optional<std::string>> read(const std::string& path,
                                            std::size_t bytes_max) const override {
        return read_from(disk_.seen_, path, bytes_max);
    }
    bool exists(const std::string& path) const override { return disk_.seen_.contains(path); }
    std::vector<std::string> names(const std::string& path) const override {
        return names_in(disk_.seen_, path);
    }
    Status make_folder(const std::string& path) override {
        if (exists(path)) return {};
        disk_.change_names({parent_of(path), {{path, Disk::Inode()}}});
        return {};
    }
    Status write(const std::string& path, std::string_view bytes) override {
        const auto found = disk_.seen_.find(path);
        Disk::Inode inode;
        if (found != disk_.seen_.end()) {
            inode = found->second;
            inode->clear();
        } else {
            inode = std::make_shared<std::string>();
            disk_.change_names({parent_of(path), {{path, inode}}});
        }
        return disk_.write_durably(
            [&] { *inode = bytes.substr(0, disk_.chance_.below(bytes.size() + 1)); },
            [&] { *inode = bytes; });
    }
    Status rename(const char* from, const char* to) override {
        const auto found = disk_.seen_.find(from);
        if (found == disk_.seen_.end()) return Error(ErrorKind::Storage, "there is no such file");
        const Disk::Inode inode = found->second;
        disk_.change_names({parent_of(to), {{from, std::nullopt}, {to, inode}}});
        return {};
    }
    Status sync_folder(const std::string& path) override {
        return disk_.write_durably([] {}, [&] { disk_.sync(path); }, Disk::NeedsRoom::No);
    }
    bool remove_file(const std::string& path) override {
        const auto found = disk_.seen_.find(path);
        if (found == disk_.seen_.end() || !found->second) return false;
        disk_.change_names({parent_of(path), {{path, std::nullopt}}});
        return true;
    }
    bool remove_folder(const std::string& path) override {
        if (!exists(path) || !names_in(disk_.seen_, path).empty()) return false;
        disk_.change_names({parent_of(path), {{path, std::nullopt}}});
        return true;
    }

private:
    Disk& disk_;
};

std::unique_ptr<audit::FileOperations> Disk::open() { return std::make_unique<SimFolder>(*this); }

std::unique_ptr<audit::FileOperations> Disk::durable_view() const {
    return std::make_unique<View>(durable_);
}

void Disk::apply(const Change& change, Names& names) {
    for (const auto& [path, inode] : change.names) {
        if (inode)
            names[path] = *inode;
        else
            names.erase(path);
    }
}

void Disk::change_names(Change change) {
    apply(change, seen_);
    pending_.push_back(std::move(change));
}

void Disk::sync(const std::string& folder) {
    for (const Change& change : pending_)
        if (change.folder == folder) apply(change, durable_);
    std::erase_if(pending_, [&](const Change& change) { return change.folder == folder; });
}

Status Disk::write_durably(const std::function<void()>& amid, const std::function<void()>& done,
                           NeedsRoom needs_room) {
    const WriteFate fate = fate_();
    switch (fate == WriteFate::NoRoom && needs_room == NeedsRoom::No ? WriteFate::Done : fate) {
        case WriteFate::Done:
            done();
            return {};
        case WriteFate::NoRoom:
            amid();
            return Error(ErrorKind::Storage, "the disk is full").with("no-room", 1);
        case WriteFate::FailsUndone:
            amid();
            return Error(ErrorKind::Storage, "the disk refuses a write");
        case WriteFate::FailsDone:
            done();
            return Error(ErrorKind::Storage, "the disk says that a write failed");
        case WriteFate::DiesBefore:
            throw Died();
        case WriteFate::DiesAmid:
            amid();
            throw Died();
        case WriteFate::DiesAfter:
            done();
            throw Died();
    }
    return {};
}

// A file system with a journal keeps the order of its changes; one without need not.
void Disk::cut_power() {
    const bool in_order = chance_.once_in(2);
    std::size_t left = chance_.below(pending_.size() + 1);
    for (const Change& change : pending_) {
        const bool arrived = in_order ? left > 0 : chance_.once_in(2);
        if (left > 0) --left;
        if (arrived) apply(change, durable_);
    }
    pending_.clear();
    // What lies in a folder that is not there is not there either.
    for (auto name = durable_.begin(); name != durable_.end();) {
        const std::string parent = parent_of(name->first);
        const bool is_lost = parent != "." && !durable_.contains(parent);
        name = is_lost ? durable_.erase(name) : std::next(name);
    }
    seen_ = durable_;
}

std::string Disk::bytes() const {
    std::string all;
    for (const auto& [path, inode] : seen_) all += path + "\n" + (inode ? *inode : "") + "\n";
    return all;
}

}  // namespace consultd::simulation
