// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/input.h"

#include "analysis/analyses.h"

#include <QFile>
#include <QSaveFile>
#include <QTextStream>

#include <cstdio>

namespace tailscope::app {

namespace {

void tellUnready(const store::Workspace &workspace)
{
    const auto unready = analysis::unreadySources(workspace);
    if (!unready || unready->empty())
        return;
    QStringList ids;
    for (const std::int64_t id : *unready)
        ids << QString::number(id);
    QTextStream(stderr)
        << "tailscope: what follows from the rows of source " << ids.join(QStringLiteral(", "))
        << " (self times, depths, statistics) is not computed, and the workspace cannot be written "
           "now\n";
}

} // namespace

Result<CommandInput> openInput(const QStringList &inputs)
{
    CommandInput input;
    if (inputs.size() == 1 && inputs.first().endsWith(QLatin1String(".tailscope"))) {
        if (!QFile::exists(inputs.first()))
            return fail(ErrorCode::NotFound, inputs.first().toStdString(), "there is no such workspace",
                "Make one with 'tailscope import FILE --to W.tailscope'");
        auto workspace = store::Workspace::open(inputs.first().toStdString());
        if (!workspace && workspace.error().code == ErrorCode::Locked)
            workspace = store::Workspace::open(inputs.first().toStdString(), true);
        if (!workspace)
            return tl::unexpected(workspace.error());
        input.workspace = std::move(*workspace);
        if (!input.workspace->isReadOnly())
            TS_TRY(session::refresh(*input.workspace, {}, true, {}));
        else
            tellUnready(*input.workspace);
        return input;
    }
    auto workspace = store::Workspace::temporary();
    if (!workspace)
        return tl::unexpected(workspace.error());
    input.workspace = std::move(*workspace);
    std::vector<std::string> paths;
    for (const QString &path : inputs)
        paths.push_back(path.toLocal8Bit().toStdString());
    session::IngestResult result = session::ingest(*input.workspace, paths, {}, {});
    input.errors = std::move(result.errors);
    if (result.outcomes.empty() && !input.errors.empty())
        return tl::unexpected(input.errors.front());
    return input;
}

Result<std::unique_ptr<store::Workspace>> openReadable(const QString &path)
{
    const std::string file = path.toLocal8Bit().toStdString();
    auto workspace = store::Workspace::open(file, true);
    if (!workspace)
        return workspace;
    const auto unready = analysis::unreadySources(**workspace);
    if (!unready)
        return tl::unexpected(unready.error());
    if (unready->empty())
        return workspace;
    workspace->reset();
    if (auto owned = store::Workspace::open(file); owned && !(*owned)->isReadOnly()) {
        TS_TRY(session::refresh(**owned, *unready, true, {}));
        return owned;
    }
    workspace = store::Workspace::open(file, true);
    if (workspace)
        tellUnready(**workspace);
    return workspace;
}

Result<void> writeOutput(const QString &path, const std::string &text)
{
    if (path.isEmpty()) {
        if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
            return fail(ErrorCode::DiskFull, "standard output", "could not be written",
                "Check the pipe or the disk");
        return {};
    }
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly)
        || file.write(text.data(), qint64(text.size())) != qint64(text.size()) || !file.commit())
        return fail(ErrorCode::NotReadable, path.toStdString(), file.errorString().toStdString(),
            "Choose another place");
    return {};
}

} // namespace tailscope::app
