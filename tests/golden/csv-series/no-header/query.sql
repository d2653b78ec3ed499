SELECT count(*) AS visible_sources FROM source
