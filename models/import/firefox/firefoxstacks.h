// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/firefox/firefoxtable.h"
#include "store/rowsink.h"

#include <map>
#include <string>
#include <vector>

namespace tailscope::import::firefox {

struct Library
{
    std::string name;
    std::uint64_t start = 0, end = 0; ///< 0, 0: the file does not say where it lay
};

/// The tables that stacks are written with: a thread's own, or those that all threads share.
struct Tables
{
    Table stacks, frames, funcs, resources, symbols, sources;
    Strings strings;
    std::vector<Library> libraries;

    std::size_t cells() const;
    std::size_t textBytes() const { return strings.bytes(); }
    /// Takes the value behind a key that names one of them; false when it names none.
    bool read(std::string_view key, JsonPull &pull, Budget &budget, ImportReport &report);
};

/// Where each table is found for one thread.
struct TableView
{
    const Table *stacks, *frames, *funcs, *resources, *symbols, *sources;
    const Strings *strings;
    const std::vector<Library> *libraries;
    /// A thread's own tables before the shared ones, those before the libraries of the process.
    static TableView of(const Tables &own, const Tables &shared, const std::vector<Library> &libraries);
    friend bool operator==(const TableView &, const TableView &) = default;
};

/// Stacks of one view of the tables as call nodes; each frame and each stack is made once.
class Stacks
{
public:
    static constexpr std::size_t kMaxDepth = 10'000;

    Stacks(TableView view, RowSink &sink, ImportReport &report)
        : m_view(view)
        , m_sink(sink)
        , m_report(report)
    {}
    const TableView &view() const { return m_view; }
    /// None for a number without a stack.
    CallNodeRef node(ProfileRef profile, std::size_t stack);
    /// Of the innermost frame that has one.
    std::optional<std::size_t> category(std::size_t stack) const;

private:
    std::optional<std::size_t> prefix(std::size_t stack) const;
    FrameRef frame(std::size_t index);
    FrameRef locatedFrame(std::string_view location);
    FrameRef functionFrame(std::size_t index);
    std::string_view text(const Table *table, std::string_view column, std::size_t row) const;

    TableView m_view;
    RowSink &m_sink;
    ImportReport &m_report;
    std::vector<FrameRef> m_frames;
    std::map<ProfileRef, std::vector<CallNodeRef>> m_nodes;
    std::vector<std::size_t> m_path;
};

} // namespace tailscope::import::firefox
