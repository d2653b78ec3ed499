// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/serverarguments.h"

namespace tailscope::app {

Result<std::vector<live::Target>> takeServerArguments(QStringList &arguments)
{
    std::vector<live::Target> targets;
    const qsizetype at = arguments.indexOf(QStringLiteral("--attach"));
    if (at < 0)
        return targets;
    live::TargetKind kind = live::TargetKind::Postgres;
    const QStringList rest = arguments.mid(at + 1);
    arguments = arguments.mid(0, at);
    for (const QString &argument : rest) {
        if (argument == QLatin1String("--pool")) {
            kind = live::TargetKind::Pgbouncer;
            continue;
        }
        auto target = live::parseTarget(argument.toStdString(), kind);
        if (!target)
            return tl::unexpected(target.error());
        targets.push_back(std::move(*target));
        kind = live::TargetKind::Postgres;
    }
    if (targets.empty() || kind == live::TargetKind::Pgbouncer)
        return fail(ErrorCode::Usage, "--attach", "a conninfo, URI or service=NAME must follow",
            "For example: tailscope --attach 'host=db1 dbname=shop user=monitor'");
    return targets;
}

} // namespace tailscope::app
