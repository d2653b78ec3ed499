// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/base/view.h"

#include "session/session.h"

#include <QApplication>
#include <QImage>
#include <QJsonDocument>
#include <QPainter>
#include <QSvgGenerator>

namespace tailscope::widgets {

View::View(session::Session *session, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
{
    setFocusPolicy(Qt::StrongFocus);
}

session::SessionContext *View::context() const { return m_session->context(); }

QString View::commandLine() const
{
    const auto quoted = [](QString text) {
        return QLatin1Char('\'') + text.replace(QLatin1Char('\''), QStringLiteral("'\\''"))
            + QLatin1Char('\'');
    };
    const QString path = QString::fromStdString(m_session->workspace().path().string());
    QString command = QStringLiteral("tailscope render %1 --view %2").arg(quoted(path), viewId());
    if (const auto range = context()->range())
        command += QStringLiteral(" --range %1..%2").arg(range->begin).arg(range->end);
    if (const QString filter = context()->filterText(); !filter.isEmpty())
        command += QStringLiteral(" --filter ") + quoted(filter);
    // Mode, plan, grouping: without them the command would draw another picture.
    if (const QJsonObject state = saveState(); !state.isEmpty()) {
        const QByteArray json = QJsonDocument(state).toJson(QJsonDocument::Compact);
        command += QStringLiteral(" --state ") + quoted(QString::fromUtf8(json));
    }
    return command + QStringLiteral(" -o %1.png").arg(viewId());
}

QString View::exportPicture(const QString &path)
{
    if (path.endsWith(QLatin1String(".svg"), Qt::CaseInsensitive)) {
        QSvgGenerator generator;
        generator.setFileName(path);
        generator.setSize(size());
        generator.setViewBox(rect());
        generator.setTitle(windowTitle().isEmpty() ? viewId() : windowTitle());
        QPainter painter;
        if (!painter.begin(&generator))
            return tr("%1 could not be written. Choose another folder.").arg(path);
        render(&painter);
        return {};
    }
    QImage image(size() * devicePixelRatioF(), QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(devicePixelRatioF());
    image.fill(palette().color(QPalette::Window));
    QPainter painter(&image);
    render(&painter);
    painter.end();
    if (!image.save(path))
        return tr("%1 could not be written. Choose another folder or one of the endings .png and .svg.")
            .arg(path);
    return {};
}

} // namespace tailscope::widgets
