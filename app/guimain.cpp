// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/guimain.h"

#include "app/mainwindow.h"
#include "app/serverarguments.h"
#include "app/termination.h"
#include "widgets/base/theme.h"

#include <QFileInfo>
#include <QIcon>
#include <QSettings>
#include <QTextStream>
#include <QTimer>

namespace tailscope::app {

std::unique_ptr<QApplication> makeGuiApplication(int &argc, char **argv)
{
    auto application = std::make_unique<QApplication>(argc, argv);
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/icons/tailscope.svg")));
    QApplication::setDesktopFileName(QStringLiteral("io.github.tailscope.Tailscope"));
    widgets::applyColorScheme(
        widgets::ColorScheme(QSettings().value(QStringLiteral("colorScheme"), 0).toInt()));
    return application;
}

int runWindow(int &argc, char **argv)
{
    const auto application = makeGuiApplication(argc, argv);
    QStringList paths = QCoreApplication::arguments().mid(1);
    auto servers = takeServerArguments(paths);
    if (!servers) {
        QTextStream(stderr) << "tailscope: " << QString::fromStdString(servers.error().toText()) << "\n";
        return exitCode(servers.error().code);
    }
    MainWindow window;
    const Termination termination;
    window.restoreGeometry(QSettings().value(QStringLiteral("window/geometry")).toByteArray());
    window.show();
    // After the first paint: opening must not hold back the window.
    QTimer::singleShot(0, &window, [&window, paths, servers = std::move(*servers)] {
        // Attaching begins a workspace of its own, unless one is named.
        const QString last = QSettings().value(QStringLiteral("lastWorkspace")).toString();
        if (!paths.isEmpty())
            window.openPaths(paths);
        else if (servers.empty() && QSettings().value(QStringLiteral("restoreSession"), true).toBool()
            && QFileInfo::exists(last))
            window.openPaths({last});
        if (!window.session() && !window.isOpening())
            window.startEmpty();
        if (!servers.empty())
            window.attach(servers, {});
    });
    return QApplication::exec();
}

} // namespace tailscope::app
