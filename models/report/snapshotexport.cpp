// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/snapshotexport.h"

#include "base/text.h"
#include "report/reportdata.h"
#include "report/snapshotfile.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

namespace tailscope::report {

namespace {

namespace fs = std::filesystem;
constexpr std::string_view kEnding = ".snapshots.jsonl", kStatements = ".statements.jsonl",
                           kEvents = ".events.jsonl", kConsole = ".pgbouncer.txt";

/// Of the first, second ... pooler.
std::string consolePath(const std::string &base, int number)
{
    return number == 1 ? base + std::string(kConsole)
                       : base + ".pgbouncer-" + std::to_string(number) + ".txt";
}

/// Parts of an earlier export to the same name that this one has no rows for: the importers would read them
/// as parts of it. Only names that an export gives.
Result<void> removeOlder(const std::string &base, const std::vector<fs::path> &written)
{
    std::vector<std::string> names;
    std::error_code none;
    for (const std::string_view part : {kEnding, kStatements, kEvents})
        names.push_back(base + std::string(part));
    for (int number = 1; number == 1 || fs::exists(consolePath(base, number), none); ++number)
        names.push_back(consolePath(base, number));
    for (const std::string &name : names) {
        std::error_code error;
        const bool isOurs = std::find(written.begin(), written.end(), fs::path(name)) != written.end();
        if (isOurs || !fs::is_regular_file(fs::symlink_status(name, error)))
            continue;
        if (!fs::remove(name, error) && error)
            return fail(ErrorCode::NotReadable, name, error.message(),
                "An earlier export wrote it, and it would be read as a part of this one: remove it.");
    }
    return {};
}

} // namespace

Error SnapshotFile::error() const
{
    return Error{errno == ENOSPC ? ErrorCode::DiskFull : ErrorCode::NotReadable, m_path.string(),
        std::strerror(errno), std::nullopt, "Choose a folder that can be written to and has room."};
}

Result<void> SnapshotFile::line(std::string_view text)
{
    if (!m_file) {
        m_file.reset(std::fopen(m_path.c_str(), "wb"));
        if (!m_file)
            return fail(error());
    }
    ++m_lines;
    if (std::fwrite(text.data(), 1, text.size(), m_file.get()) != text.size()
        || std::fputc('\n', m_file.get()) == EOF)
        return fail(error());
    return {};
}

Result<void> SnapshotFile::close()
{
    if (m_file && std::fclose(m_file.release()) != 0)
        return fail(error());
    return {};
}

void SnapshotLine::key(std::string_view name)
{
    if (m_text.size() > 1)
        m_text += ',';
    appendJsonQuoted(m_text, name);
    m_text += ':';
}

void SnapshotLine::text(std::string_view name, std::string_view value)
{
    key(name);
    appendJsonQuoted(m_text, value);
}

void SnapshotLine::integer(std::string_view name, std::int64_t value)
{
    key(name);
    m_text += std::to_string(value);
}

void SnapshotLine::real(std::string_view name, double value)
{
    constexpr double kExact = 9'007'199'254'740'992; // whole numbers up to here lose nothing
    if (!std::isfinite(value))
        return;
    if (value == std::floor(value) && std::abs(value) < kExact)
        return integer(name, static_cast<std::int64_t>(value));
    char digits[40];
    std::snprintf(digits, sizeof digits, "%.17g", value);
    raw(name, digits);
}

void SnapshotLine::raw(std::string_view name, std::string_view json)
{
    key(name);
    m_text += json;
}

void SnapshotLine::time(std::string_view name, Nanos ns) { text(name, utcTimestamp(ns)); }

void SnapshotLine::lsn(std::string_view name, std::int64_t position)
{
    char value[40];
    std::snprintf(value, sizeof value, "%llX/%08llX", static_cast<unsigned long long>(position) >> 32,
        static_cast<unsigned long long>(position) & 0xFFFFFFFFULL);
    text(name, value);
}

void SnapshotLine::members(std::string_view object)
{
    object = trimmed(object);
    if (object.size() <= 2 || object.front() != '{' || object.back() != '}')
        return;
    if (m_text.size() > 1)
        m_text += ',';
    m_text += object.substr(1, object.size() - 2);
}

std::string SnapshotSource::sql(std::string_view text)
{
    if (keepLiterals)
        return std::string(text);
    constexpr std::size_t kMaxKept = 20'000;
    if (redacted.size() > kMaxKept)
        redacted.clear();
    const auto [found, isNew] = redacted.try_emplace(std::string(text));
    if (isNew)
        found->second = redactedSql(found->first);
    return found->second;
}

Result<void> SnapshotSource::each(const std::string &sql, std::initializer_list<std::int64_t> parameters,
    const std::function<Result<void>(store::Statement &)> &take)
{
    Result<store::Statement> rows = reader.prepare(sql);
    if (!rows)
        return fail(std::move(rows.error()));
    int index = 0;
    for (const std::int64_t parameter : parameters)
        rows->bind(index++, parameter);
    for (std::int64_t n = 0;; ++n) {
        const Result<bool> row = rows->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return {};
        if (n % 1024 == 0 && progress.isCancelled())
            return fail(Error{ErrorCode::Cancelled, "export", "the export was cancelled", {}, {}});
        TS_TRY(take(*rows));
    }
}

bool isSnapshotTarget(const std::string &path)
{
    return path.ends_with(kEnding) && path.size() > kEnding.size();
}

Result<SnapshotOutcome> exportSnapshots(const store::Workspace &workspace, bool keepLiterals,
    const fs::path &target, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(std::move(reader.error()));
    SnapshotSource source{*reader, progress, keepLiterals};
    const std::string text = target.string();
    const std::string base = text.substr(0, text.size() - kEnding.size());
    SnapshotOutcome outcome;
    const auto write = [&](const std::string &path, const auto &part) -> Result<void> {
        SnapshotFile file{fs::path(path)};
        TS_TRY(part(file));
        TS_TRY(file.close());
        outcome.rows += file.lines();
        if (file.lines() > 0)
            outcome.files.push_back(file.path());
        return {};
    };
    TS_TRY(write(text, [&](SnapshotFile &file) { return writeCatalogSnapshots(source, file); }));
    TS_TRY(write(base + std::string(kStatements),
        [&](SnapshotFile &file) { return writeStatementSnapshots(source, file); }));
    std::vector<std::int64_t> poolers;
    TS_TRY(source.each("SELECT id FROM server WHERE kind = 'pgbouncer' ORDER BY id", {},
        [&](store::Statement &row) -> Result<void> {
            poolers.push_back(row.integer(0));
            return {};
        }));
    for (std::size_t i = 0; i < poolers.size(); ++i) {
        TS_TRY(write(consolePath(base, static_cast<int>(i) + 1),
            [&](SnapshotFile &file) { return writeConsole(source, poolers[i], file); }));
    }
    TS_TRY(write(base + std::string(kEvents), [&](SnapshotFile &file) { return writeEvents(source, file); }));
    if (outcome.files.empty())
        return fail(ErrorCode::NotFound, "export", "no server was attached to and no result set of one read",
            "Record one: tailscope record CONNINFO --to W.tailscope");
    TS_TRY(removeOlder(base, outcome.files));
    return outcome;
}

} // namespace tailscope::report
