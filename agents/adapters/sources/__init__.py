"""One module a platform or door: each turns what stands outside into batches of posts."""
