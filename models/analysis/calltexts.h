// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spancolumns.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/database.h"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tailscope::analysis {

/// What the attributes of one call say beyond its columns. Names are indices into CallTexts; 0 = not known.
struct CallText
{
    std::uint32_t identity = 0; ///< fingerprint of the statement, or method and path with values left out
    std::uint32_t peer = 0; ///< host or service that was called
    std::uint32_t system = 0; ///< "postgresql", "redis", ...
    std::uint64_t value = 0; ///< hash of statement, bound values or URL; equal = the same question
    std::uint64_t onceKey = 0; ///< hash of an idempotency key
    bool hasPlaceholder = false; ///< the statement has placeholders and the bound values were not recorded
    bool isStatement = false; ///< identity is a statement's
    bool isTimeout = false; ///< the caller gave up: error.type or exception name a time limit
};

/// Texts of calls by row of SpanColumns, for those rows that were asked for. Names are kept once.
/// Not thread-safe while it loads.
class CallTexts
{
public:
    CallTexts();

    const CallText *find(std::uint32_t row) const;
    /// "" for 0.
    const std::string &name(std::uint32_t index) const { return m_names[index]; }
    std::size_t size() const { return m_texts.size(); }
    void clear();
    /// Drops the texts but not the names: identities stay comparable over many traces.
    void forget() { m_texts.clear(); }

    /// Reads the attributes of these rows (see keys in calltexts.cpp); rows that are known are skipped. Two
    /// look-ups by key a row, about 3 us; the connection must outlive this object or its next clear();
    /// attribute sets that spans share and statements that differ in literals only are parsed once. Cancelled
    /// is an error.
    Result<void> load(store::Database &reader, const SpanColumns &columns,
        std::span<const std::uint32_t> rows, const CancelToken &cancel = {});

    /// One attribute of a call, as load() finds them; for tests and other sources of texts.
    struct Attribute
    {
        std::string_view key, value;
    };
    void set(std::uint32_t row, std::span<const Attribute> attributes);

private:
    struct Found; // what the keys gave, before it is put together
    class Reader;
    Result<void> loadRows(const SpanColumns &columns, std::span<const std::uint32_t> rows,
        const CancelToken &cancel);
    static void take(Found &found, std::string_view key, std::string_view value);
    CallText together(const Found &found);
    std::uint32_t intern(std::string_view name);
    std::uint32_t statementIdentity(const std::string &statement, bool isCache);

    std::shared_ptr<Reader> m_reader; ///< of the connection that load() was given last; it must live on
    std::unordered_map<std::uint32_t, CallText> m_texts;
    std::vector<std::string> m_names;
    std::unordered_map<std::string, std::uint32_t> m_index;
    std::unordered_map<std::string, std::uint32_t> m_fingerprints; // by statement without its literals
};

/// The name of a key-value store or cache, by its system, host or service name ("redis", "session-cache").
bool namesCache(std::string_view name);

} // namespace tailscope::analysis
